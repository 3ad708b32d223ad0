//! An administrator locks the access down for its owner.

use super::effect::lock_down;
use crate::{
    app::App,
    identity::{
        abuse::client_limits::count_act,
        administration::{Change, Which, reason_text, with_locked_account},
        refusal::IdentityError,
        transaction::Decision,
    },
    store::accounts::ExpiredBecause,
    types::{Reason, RequestContext},
};

/// Locks the access to an account down. An access that is locked down stays unchanged.
///
/// # Errors
/// [`Refusal::TooManyAttempts`](crate::identity::Refusal::TooManyAttempts) for a machine client that has had too many links
/// mailed (AD-06).
pub async fn by_administrator(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    let change = with_locked_account(app, context, which, move |tx, account| {
        if account.password_expired_because == Some(ExpiredBecause::LockedDown) {
            return Ok(Decision::Done(Change::Unchanged));
        }
        // A link is mailed.
        if let Decision::Refused(refusal) = count_act(tx)? {
            return Ok(Decision::Refused(refusal));
        }
        lock_down(tx, account, reason_text(reason.as_ref()))?;
        Ok(Decision::Done(Change::Changed))
    })
    .await?;
    app.job_queued.notify_one();
    Ok(change)
}
