//! Looking at a link. This changes nothing about whether the link can be used (TK-06).

use super::link::link_entry;
use crate::{
    app::App,
    identity::{
        abuse::source_limits::counting_unknown_tokens,
        live_link::live_link,
        refusal::{IdentityError, LinkReason, Refusal},
    },
    store::{audit_events::Event, reset_links},
    types::{RequestContext, ResetTokenHash, UtcTime},
};

/// Returns until when the link can be used. The audit trail shows the first look: one that comes seconds after the mail
/// arrived was probably a mail scanner's, and support should know.
///
/// # Errors
/// [`Refusal::LinkUnusable`] with the reason; [`Refusal::TooManyAttempts`] for a source that has presented many unknown
/// tokens.
pub async fn verify_link(app: &App, context: &RequestContext, token: &str) -> Result<UtcTime, IdentityError> {
    counting_unknown_tokens(app, context, verify(app, context, token)).await
}

async fn verify(app: &App, context: &RequestContext, token: &str) -> Result<UtcTime, IdentityError> {
    let now = app.clock.now();
    let token_hash = ResetTokenHash::of_presented(token);
    let found = app.query(move |tx| reset_links::find_by_token_hash(tx, &token_hash)).await?;
    let link = live_link(found, now)?;
    let expires_at = link.expires_at.ok_or(Refusal::LinkUnusable(LinkReason::Unknown))?;
    if link.first_looked_at.is_none() {
        app.transact(context, move |tx| {
            if reset_links::set_looked_at(tx, &link.id)? {
                link_entry(tx, Event::ResetLookedAt, &link).append(tx)?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(expires_at)
}
