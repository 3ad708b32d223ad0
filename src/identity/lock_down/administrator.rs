//! An administrator locks the access down for its owner.

use super::effect::lock_down;
use crate::{
    app::App,
    identity::{
        administration::{Change, reason_text, with_locked_account},
        refusal::IdentityError,
    },
    store::accounts::ExpiredBecause,
    types::{CustomerNumber, RequestContext},
};

/// Locks the access of a customer number down. An access that is locked down stays unchanged.
pub async fn by_administrator(
    app: &App,
    context: &RequestContext,
    number: CustomerNumber,
    reason: Option<String>,
) -> Result<Change, IdentityError> {
    let change = with_locked_account(app, context, number, move |tx, account| {
        if account.password_expired_because == Some(ExpiredBecause::LockedDown) {
            return Ok(Change::Unchanged);
        }
        lock_down(tx, account, reason_text(reason.as_deref()))?;
        Ok(Change::Changed)
    })
    .await?;
    app.job_queued.notify_one();
    Ok(change)
}
