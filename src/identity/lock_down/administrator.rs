//! An administrator locks the access down for its owner.

use super::effect::lock_down;
use crate::{
    app::App,
    identity::{
        administration::{Change, Which, reason_text, with_locked_account},
        refusal::IdentityError,
    },
    store::accounts::ExpiredBecause,
    types::{Reason, RequestContext},
};

/// Locks the access of a customer number down. An access that is locked down stays unchanged.
pub async fn by_administrator(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    let change = with_locked_account(app, context, which, move |tx, account| {
        if account.password_expired_because == Some(ExpiredBecause::LockedDown) {
            return Ok(Change::Unchanged);
        }
        lock_down(tx, account, reason_text(reason.as_ref()))?;
        Ok(Change::Changed)
    })
    .await?;
    app.job_queued.notify_one();
    Ok(change)
}
