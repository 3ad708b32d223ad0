//! "This was not me": ends the one link of the mail.

use super::live_link::{link_entry, live_link, why_not_live};
use crate::{
    app::App,
    identity::{abuse::source_limits::counting_unknown_tokens, refusal::IdentityError},
    store::{
        audit_events::Event,
        reset_links::{self, ResetLink},
    },
    types::{RequestContext, ResetTokenHash},
};

/// Ends the link. The password and the other links stay as they are.
///
/// # Errors
/// [`Refusal::LinkUnusable`](crate::identity::Refusal::LinkUnusable) with the reason;
/// [`Refusal::TooManyAttempts`](crate::identity::Refusal::TooManyAttempts) for a source that has presented many unknown
/// tokens.
pub async fn withdraw_link(app: &App, context: &RequestContext, token: &str) -> Result<(), IdentityError> {
    let link = counting_unknown_tokens(app, context, find_live_link(app, token)).await?;
    app.transact(context, move |tx| {
        if !reset_links::withdraw(tx, &link.id)? {
            return Err(why_not_live(tx, &link)?);
        }
        link_entry(tx, Event::ResetWithdrawn, &link).detail("this was not me").append(tx)?;
        Ok(())
    })
    .await
}

/// Finds the link in a query of its own: a made-up token must not open a writing transaction, of which SQLite has one
/// at a time.
async fn find_live_link(app: &App, token: &str) -> Result<ResetLink, IdentityError> {
    let now = app.clock.now();
    let token_hash = ResetTokenHash::of_presented(token);
    let found = app.query(move |tx| reset_links::find_by_token_hash(tx, &token_hash)).await?;
    Ok(live_link(found, now)?)
}
