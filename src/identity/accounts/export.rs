//! Everything that is held about one customer, in one document (DP-06).

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    identity::{
        abuse::{client_limits::count_question, failures::subjects_of_account},
        administration::{Which, reason_text},
        audit::AuditEvent,
        refusal::{IdentityError, Refusal},
        transaction::Tx,
    },
    store::{
        StoreError,
        accounts::Account,
        audit_events::Event,
        audit_trail, erasure,
        export::{
            self, ExportedAccount, ExportedCallerCode, ExportedDevice, ExportedEmailChange, ExportedFailedSignIns,
            ExportedFailureCount, ExportedFormerDevice, ExportedLockDownLink, ExportedMail, ExportedPassword,
            ExportedRefresh, ExportedRepeatedCall, ExportedResetLink, ExportedResetRequest, ExportedSession,
            ExportedSuppression, ExportedSuppressionLifting, ExportedSwallowedRequest, ExportedWaitingHash,
        },
    },
    types::{Moment, Reason, RequestContext},
};

/// Everything that is held about one customer. Words such as reasons and outcomes stand as they are stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountExport {
    /// The moment at which the document was made.
    exported_at: Moment,
    /// The account itself, without the hash of the password.
    account: ExportedAccount,
    /// The earlier passwords, by the moment of their replacement alone.
    earlier_passwords: Vec<ExportedPassword>,
    /// The sessions, ended ones for three days.
    sessions: Vec<ExportedSession>,
    /// The refreshes of these sessions.
    refreshes: Vec<ExportedRefresh>,
    /// The devices from which the customer has signed in.
    devices: Vec<ExportedDevice>,
    /// The devices that a new password has ended.
    former_devices: Vec<ExportedFormerDevice>,
    /// The failed sign-ins at the number, summed by hour and device.
    failed_sign_ins: Vec<ExportedFailedSignIns>,
    /// The counts of failures that make further attempts wait.
    failure_counts: Vec<ExportedFailureCount>,
    /// The requests for reset mails for the number.
    reset_requests: Vec<ExportedResetRequest>,
    /// The requests that sent no mail, summed by hour.
    swallowed_requests: Vec<ExportedSwallowedRequest>,
    /// The reset links that were made for the number.
    reset_links: Vec<ExportedResetLink>,
    /// The mails to the customer, without their texts.
    mails: Vec<ExportedMail>,
    /// The pauses of mail to addresses of the customer.
    suppressions: Vec<ExportedSuppression>,
    /// The pauses that support has lifted.
    suppression_liftings: Vec<ExportedSuppressionLifting>,
    /// The changes of the address that the customer asked for.
    email_changes: Vec<ExportedEmailChange>,
    /// The links in notices that can lock the access down.
    lock_down_links: Vec<ExportedLockDownLink>,
    /// The questions of support who is calling.
    caller_codes: Vec<ExportedCallerCode>,
    /// The calls of machine clients whose answers about the account are kept to be repeated.
    repeated_calls: Vec<ExportedRepeatedCall>,
    /// The hash of another system that waits for more protection.
    waiting_hashes: Vec<ExportedWaitingHash>,
    /// The events of the audit trail since the account was made, the oldest first.
    audit_events: Vec<AuditEvent>,
}

/// Reads everything that is held about the customer of an account, as it is at one moment, and writes into the trail who
/// has read it and why.
///
/// # Errors
/// [`Refusal::NoSuchAccount`]; [`Refusal::TooManyAttempts`] where one client has asked too often, or about too many
/// different customers: a thief of its secret would carry all of them away (AD-06).
pub async fn export(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    reason: Option<Reason>,
) -> Result<AccountExport, IdentityError> {
    let which = which.into();
    let wanted = which.clone();
    let account = app.query(move |tx| wanted.find(tx)).await?.ok_or(Refusal::NoSuchAccount)?;
    count_question(app, context, account.customer_number.as_str().to_owned()).await?;
    app.transact(context, move |tx| {
        let account = which.find(tx)?.ok_or(Refusal::NoSuchAccount)?;
        let detail = format!("export: {}", reason_text(reason.as_ref()));
        tx.entry(Event::SensitiveRead).about(&account).detail(&detail).append(tx)?;
        Ok(read(tx, &account)?)
    })
    .await
}

fn read(tx: &mut Tx<'_>, account: &Account) -> Result<AccountExport, StoreError> {
    let Account { id, customer_number: number, .. } = account;
    let held = erasure::find_held(tx, account)?;
    let subjects = subjects_of_account(tx, account)?;
    let trail = audit_trail::list_all_of(tx, account, account.created_at)?;
    Ok(AccountExport {
        exported_at: Moment::of(tx.now),
        account: export::account(tx, id)?,
        earlier_passwords: export::earlier_passwords(tx, id)?,
        sessions: export::sessions(tx, id)?,
        refreshes: export::refreshes(tx, &held.sessions)?,
        devices: export::devices(tx, id)?,
        former_devices: export::former_devices(tx, id)?,
        failed_sign_ins: export::failed_sign_ins(tx, number)?,
        failure_counts: export::failure_counts(tx, &subjects)?,
        reset_requests: export::reset_requests(tx, &held)?,
        swallowed_requests: export::swallowed_requests(tx, number)?,
        reset_links: export::reset_links(tx, &held)?,
        mails: export::mails(tx, &held)?,
        suppressions: export::suppressions(tx, &held.addresses)?,
        suppression_liftings: export::suppression_liftings(tx, &held.addresses)?,
        email_changes: export::email_changes(tx, id)?,
        lock_down_links: export::lock_down_links(tx, id)?,
        caller_codes: export::caller_codes(tx, number)?,
        repeated_calls: export::repeated_calls(tx, id)?,
        waiting_hashes: export::waiting_hashes(tx, id)?,
        audit_events: trail.into_iter().map(AuditEvent::of).collect(),
    })
}
