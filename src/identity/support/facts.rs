//! Everything that the tables hold about a number's mails.

use chrono::TimeDelta;

use super::{
    old_password::{OldPasswordUse, find_old_password_uses},
    question::{LOOKED_BACK, Question},
};
use crate::{
    app::App,
    identity::{
        abuse::failures::{failures_of_strangers_since, strangers_wait},
        email_change::pending::find_pending,
        reset::mail_history::MailHistory,
    },
    store::{
        StoreError, Transaction,
        accounts::{self, Account},
        audit_events::{self, Event, Happened},
        email_changes::EmailChange,
        mails::{self, Mail, MailStatus},
        reset_links::{self, ResetLink},
        reset_mails,
        reset_requests::{self, ResetRequest},
        suppressions::{self, Suppression},
        swallowed_requests::{self, SwallowedRequests},
    },
    types::{EmailAddress, UtcTime},
};

/// The most entries of the audit trail that are read, the newest first.
const MOST_ENTRIES: i64 = 100;

/// The events of the audit trail that support sees with their detail. An event that is neither here nor in
/// [`SHOWN_BARE`] is not shown: support need not know, for example, who signed in and when.
pub(super) const SHOWN_WHOLE: [Event; 10] = [
    Event::ResetRequested,
    Event::ResetProcessed,
    Event::ResetLookedAt,
    Event::ResetConsumed,
    Event::ResetWithdrawn,
    Event::MailHandedOver,
    Event::MailDeferred,
    Event::MailGivenUp,
    Event::MailDelivery,
    Event::SuppressionLifted,
];
/// The events that support sees without their detail, which may be an administrator's words.
pub(super) const SHOWN_BARE: [Event; 9] = [
    Event::PasswordChanged,
    Event::UserClosed,
    Event::UserReopened,
    Event::UserEmailChanged,
    Event::EmailChangeRequested,
    Event::EmailChangeWithdrawn,
    Event::EmailConfirmed,
    Event::EmailDecided,
    Event::UserLockedDown,
];

/// What is known of a number's mails at one moment. Where the number has an account, nothing counts that came before
/// the account was made.
pub(in crate::identity) struct MailFacts {
    /// The moment at which the tables were read.
    pub(in crate::identity) now: UtcTime,
    /// The address that the customer gave to support.
    pub(in crate::identity) asked_email: Option<EmailAddress>,
    pub(in crate::identity) account: Option<Account>,
    /// The suppressions of the address on file.
    pub(in crate::identity) suppressions: Vec<Suppression>,
    /// The change of the address that waits for its confirmation.
    pub(in crate::identity) pending_change: Option<EmailChange>,
    /// The newest request that the worker has served.
    pub(in crate::identity) request: Option<ResetRequest>,
    /// The newest request that the worker has not served yet.
    pub(in crate::identity) pending: Option<ResetRequest>,
    /// The requests that were swallowed, the newest first.
    pub(in crate::identity) swallowed: Vec<SwallowedRequests>,
    /// The mails that count for the next request.
    pub(in crate::identity) history: MailHistory,
    /// The link of the account that `request` led to.
    pub(in crate::identity) link: Option<ResetLink>,
    /// The mail of `link`.
    pub(in crate::identity) mail: Option<Mail>,
    /// Whether other mails went out since `mail`, which waits, was tried.
    pub(in crate::identity) others_went_out: bool,
    /// How long a sign-in from an unknown device has to wait.
    pub(in crate::identity) throttled_for: TimeDelta,
    /// The failed sign-ins that this wait comes from.
    pub(in crate::identity) failures: i32,
    /// The former devices on which somebody goes on with the previous password.
    pub(in crate::identity) old_passwords: Vec<OldPasswordUse>,
    /// The entries of the audit trail that support may see, the newest first.
    pub(in crate::identity) happened: Vec<Happened>,
}

impl MailFacts {
    pub(in crate::identity) fn gather(
        tx: &mut Transaction<'_>,
        app: &App,
        question: &Question,
    ) -> Result<Self, StoreError> {
        let number = &question.number;
        let account = accounts::find_by_customer_number(tx, number)?;
        let looked_back_to = tx.now - LOOKED_BACK;
        let since = account.as_ref().map_or(looked_back_to, |account| account.created_at.max(looked_back_to));
        let email = account.as_ref().and_then(|account| account.email.as_ref());
        let suppressions = suppressions::list_of(tx, email)?;
        let pending_change = match &account {
            Some(account) => find_pending(tx, app, account)?,
            None => None,
        };
        let request = reset_requests::find_newest_processed(tx, number, since)?;
        let link = match &request {
            Some(request) => reset_links::find_of_request(tx, &request.id)?,
            None => None,
        };
        // A decoy is no link, and the link of an earlier account is none of this one.
        let link = link.filter(|link| {
            link.account_id.is_some() && link.account_id.as_ref() == account.as_ref().map(|account| &account.id)
        });
        let mail = match &link {
            Some(link) => mails::find_of_link(tx, &link.id)?,
            None => None,
        };
        let others_went_out = match mail.as_ref().filter(|mail| mail.status == MailStatus::Queued) {
            Some(mail) => mails::any_handed_over_since(tx, mail.last_tried_at.unwrap_or(mail.created_at))?,
            None => false,
        };
        let shown = [SHOWN_WHOLE.as_slice(), SHOWN_BARE.as_slice()].concat();
        Ok(Self {
            now: tx.now,
            asked_email: question.email.clone(),
            suppressions,
            pending_change,
            pending: reset_requests::find_newest_pending(tx, number, since)?,
            swallowed: swallowed_requests::list_since(tx, number, since)?,
            history: find_history(tx, account.as_ref(), looked_back_to)?,
            throttled_for: strangers_wait(tx, number)?,
            failures: match &account {
                Some(account) => failures_of_strangers_since(tx, account)?,
                None => 0,
            },
            old_passwords: match &account {
                Some(account) => find_old_password_uses(tx, account)?,
                None => Vec::new(),
            },
            happened: audit_events::list_of_number(tx, number, &shown, since, MOST_ENTRIES)?,
            account,
            request,
            link,
            mail,
            others_went_out,
        })
    }

    /// Whether the address that the customer gave is the one on file.
    pub(in crate::identity) fn asks_for_email_on_file(&self) -> bool {
        let on_file = self.account.as_ref().and_then(|account| account.email.as_ref());
        match (on_file, &self.asked_email) {
            (Some(on_file), Some(asked)) => on_file.canonical() == asked.canonical(),
            _ => false,
        }
    }
}

/// The mails that count for the next request of an account's owner; there are none without an account.
fn find_history(
    tx: &mut Transaction<'_>,
    account: Option<&Account>,
    since: UtcTime,
) -> Result<MailHistory, StoreError> {
    let Some(account) = account else { return Ok(MailHistory::of_nobody(Vec::new())) };
    let mails = reset_mails::list_of_number(tx, &account.customer_number, since)?;
    Ok(MailHistory::of_owner(mails, account))
}
