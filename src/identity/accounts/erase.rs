//! Erasing an account with everything that is held about its customer (DP-06).

use chrono::TimeDelta;

use super::erased_number::set_erased;
use crate::{
    app::App,
    identity::{
        abuse::{client_limits::count_act, failures::forget_failures_of_erased},
        address::{EmailState, find_email_state},
        administration::{Change, Which, reason_text},
        refusal::IdentityError,
        transaction::{Decision, Tx},
        work::{Work, queue_mail},
    },
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::Event,
        audit_trail,
        erasure::{self, HeldRows},
        idempotency_keys,
        mails::{MailKind, MailStatus, NewMail},
        rate_limits, reset_requests,
        sessions::{self, SessionEnd},
        tried_numbers,
    },
    types::{EmailAddress, MailId, Reason, RequestContext},
};

/// How long the mail that tells of the erasure is worth sending. It is the last place of the address.
const TOLD_FOR: TimeDelta = TimeDelta::hours(24);

/// Erases an account in one transaction: every session, device, link, mail and count of its customer goes. The trail
/// keeps what happened, when and by whom, under the id of the account, without number, network and detail. A mail tells
/// the address that was on file, and forgets it once it has left the queue. The number is free again, and who is given it
/// inherits nothing (DP-05).
///
/// # Errors
/// [`Refusal::TooManyAttempts`](crate::identity::Refusal::TooManyAttempts) where one client has erased too many accounts.
pub async fn erase(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    let which = which.into();
    let change = app
        .decide(context, move |tx| {
            let Some(seen) = which.find(tx)? else { return Ok(Decision::Done(Change::NoSuchAccount)) };
            if let Decision::Refused(refusal) = count_act(tx)? {
                return Ok(Decision::Refused(refusal));
            }
            // The worker locks in this order too: the job, the number, the account.
            let held = erasure::find_held(tx, &seen)?;
            delete_jobs(tx, &held)?;
            reset_requests::lock_number(tx, &seen.customer_number)?;
            let Some(account) = accounts::lock(tx, &seen.id)? else {
                return Ok(Decision::Done(Change::NoSuchAccount));
            };
            let tells = tells_owner(tx, &account)?;
            erase_locked(tx, &account)?;
            let entry = tx.entry(Event::UserErased).account(Some(&account.id));
            entry.detail(reason_text(reason.as_ref())).append(tx)?;
            if tells {
                tell_owner(tx, &account)?;
            }
            Ok(Decision::Done(Change::Changed))
        })
        .await?;
    app.job_queued.notify_one();
    Ok(change)
}

fn delete_jobs(tx: &mut Tx<'_>, held: &HeldRows) -> Result<(), StoreError> {
    Work::delete_jobs_of(tx, &held.requests, &held.mails)
}

fn erase_locked(tx: &mut Tx<'_>, account: &Account) -> Result<(), StoreError> {
    let Account { id, customer_number: number, .. } = account;
    let held = erasure::find_held(tx, account)?;
    delete_jobs(tx, &held)?;
    // Other systems are told of each end.
    sessions::end_all_of(tx, id, None, SessionEnd::Erased)?;
    forget_failures_of_erased(tx, account)?;
    rate_limits::forget(tx, &counted_keys(account))?;
    tried_numbers::forget_everywhere(tx, number)?;
    idempotency_keys::delete_of(tx, id)?;
    erasure::delete_held(tx, account, &held)?;
    accounts::delete(tx, id)?;
    for address in &held.addresses {
        let is_of_another = match EmailAddress::parse(address) {
            Ok(email) => !accounts::list_by_email(tx, &email)?.is_empty(),
            Err(_) => false,
        };
        if !is_of_another {
            erasure::delete_address(tx, address)?;
        }
    }
    // Only now, as the triggers let nobody empty the trail of a customer who still has an account.
    audit_trail::erase(tx, id, number)?;
    set_erased(tx, number)
}

/// The keys under which something of an account is counted.
fn counted_keys(account: &Account) -> Vec<String> {
    const COUNTED: [&str; 4] = ["breach-lookup", "email-change", "email-confirmed", "names"];
    COUNTED.iter().map(|what| format!("{what}/{}", account.id)).collect()
}

/// Whether a mail can tell the owner: not where the mailbox does not exist, and not where it is not known whose it is.
fn tells_owner(tx: &mut Tx<'_>, account: &Account) -> Result<bool, StoreError> {
    let app = tx.app.clone();
    let reaches = match find_email_state(tx, &app.config, account)? {
        EmailState::Ok | EmailState::ConfirmDue => true,
        EmailState::Bouncing | EmailState::None => false,
    };
    Ok(reaches && account.contested_since.is_none())
}

fn tell_owner(tx: &mut Tx<'_>, account: &Account) -> Result<(), StoreError> {
    let now = tx.now;
    let mail = NewMail {
        id: MailId::mint(),
        kind: MailKind::AccountErased,
        account_id: None,
        reset_link_id: None,
        recipient: account.email.as_ref().map(EmailAddress::to_send_to),
        last_two_digits: account.customer_number.last_two_digits().to_owned(),
        locale: account.locale,
        status: MailStatus::Queued,
        created_at: now,
        serve_until: now + TOLD_FOR,
        session_id: None,
        email_change_id: None,
    };
    queue_mail(tx, &mail, now)
}
