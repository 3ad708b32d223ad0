//! Support decides which address is the owner's, after a contested change.

use super::replace::{ReplacedBy, is_same, replace_email};
use crate::{
    app::App,
    identity::{
        abuse::client_limits::count_act,
        administration::{Change, Which, reason_text, with_locked_account},
        refusal::IdentityError,
        transaction::Decision,
        work::queue_reset_because,
    },
    store::{accounts, audit_events::Event, email_changes, lock_down_links, reset_requests::ResetCause},
    types::{Actor, EmailAddress, Reason, RequestContext},
};

/// Ends the contest about an access: this address is the owner's. The access stays locked down, and a reset mail goes to
/// the address at once, unless it was changed within its cooling-off: then the owner asks for the mail afterwards (AD-05).
/// The links in other mailboxes end, or their reader could go on locking the owner out. An access that is not contested
/// stays unchanged.
///
/// # Errors
/// [`Refusal::TooManyAttempts`](crate::identity::Refusal::TooManyAttempts) for a machine client that has changed too many
/// addresses (AD-06).
pub async fn decide(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    email: EmailAddress,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    let change = with_locked_account(app, context, which, move |tx, account| {
        if account.contested_since.is_none() {
            return Ok(Decision::Done(Change::Unchanged));
        }
        if let Decision::Refused(refusal) = count_act(tx)? {
            return Ok(Decision::Refused(refusal));
        }
        accounts::set_uncontested(tx, &account.id)?;
        // A later lock-down must not make the access contested again because of the change that is decided now.
        email_changes::set_decided(tx, &account.id)?;
        lock_down_links::withdraw_of_other_mailboxes(tx, &account.id, &email)?;
        let detail = reason_text(reason.as_ref());
        tx.entry(Event::EmailDecided).about(account).detail(detail).append(tx)?;
        if !is_same(account.email.as_ref(), &email) {
            replace_email(tx, account, &email, ReplacedBy::Decision)?;
            tx.entry(Event::UserEmailChanged).about(account).detail(detail).append(tx)?;
        }
        let number = account.customer_number.clone();
        queue_reset_because(tx, number, &Actor::Service, Some(ResetCause::LockDown))?;
        Ok(Decision::Done(Change::Changed))
    })
    .await?;
    app.job_queued.notify_one();
    Ok(change)
}
