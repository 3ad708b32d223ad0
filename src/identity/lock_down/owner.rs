//! The owner locks the access down from a session.

use super::effect::lock_down;
use crate::{
    app::App,
    identity::{
        refusal::{IdentityError, Refusal},
        sessions::authenticate::Customer,
    },
    store::{accounts, sessions},
    types::RequestContext,
};

/// Locks the access of a signed-in customer down. The session of the caller ends too.
///
/// # Errors
/// [`Refusal::InvalidToken`] where the session has ended in the meantime.
pub async fn by_owner(app: &App, context: &RequestContext, customer: Customer) -> Result<(), IdentityError> {
    app.transact(context, move |tx| {
        let Customer { account, session } = customer;
        let account = accounts::lock(tx, &account.id)?.ok_or(Refusal::InvalidToken)?;
        let lifetimes = tx.app.session_lifetimes;
        if sessions::find_live(tx, &session.id, lifetimes)?.is_none() {
            return Err(Refusal::InvalidToken.into());
        }
        Ok(lock_down(tx, &account, "by the customer")?)
    })
    .await?;
    app.job_queued.notify_one();
    Ok(())
}
