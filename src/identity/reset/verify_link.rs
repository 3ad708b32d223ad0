//! Looking at a link, which is free: nothing here changes whether it can be used (TK-06).

use crate::{
    app::App,
    identity::{
        abuse::source_limits::counting_unknown_tokens,
        refusal::{IdentityError, LinkReason, Refusal},
    },
    store::{
        StoreError, Transaction,
        audit_events::{self, Entry, Event},
        reset_links::{self, LinkEnd, ResetLink},
    },
    types::{RequestContext, ResetTokenHash, UtcTime},
};

/// Until when the link can be used. The first look is noted: seconds after the mail arrived it was probably a mail
/// scanner's, and support should know.
pub async fn verify_link(app: &App, context: &RequestContext, token: &str) -> Result<UtcTime, IdentityError> {
    counting_unknown_tokens(app, context, verify(app, context, token)).await
}

async fn verify(app: &App, context: &RequestContext, token: &str) -> Result<UtcTime, IdentityError> {
    let now = app.clock.now();
    let token_hash = ResetTokenHash::of_presented(token);
    let link = app
        .database
        .query(move |tx| -> Result<_, StoreError> { reset_links::find_by_token_hash(tx, &token_hash) })
        .await?;
    let link = live_link(link, now)?;
    if link.first_looked_at.is_none() {
        let entry = Entry::by_caller(context, Event::ResetLookedAt, now)
            .number(&link.customer_number)
            .account(link.account_id.as_ref())
            .reset_request(&link.reset_request_id);
        let id = link.id.clone();
        app.database
            .write(move |tx| -> Result<(), StoreError> {
                if reset_links::set_looked_at(tx, &id)? {
                    audit_events::append(tx, &entry)?;
                }
                Ok(())
            })
            .await?;
    }
    link.expires_at.ok_or_else(|| Refusal::LinkUnusable(LinkReason::Unknown).into())
}

/// The link, if it can be used now; otherwise why not.
pub(in crate::identity) fn live_link(link: Option<ResetLink>, now: UtcTime) -> Result<ResetLink, Refusal> {
    let Some(link) = link else { return Err(Refusal::LinkUnusable(LinkReason::Unknown)) };
    if link.is_live(now) {
        return Ok(link);
    }
    let reason = match (link.ended_because, link.expires_at) {
        (Some(LinkEnd::Used), _) => LinkReason::Used,
        (Some(LinkEnd::Withdrawn), _) => LinkReason::Withdrawn,
        (None, Some(_)) => LinkReason::Expired,
        // Its mail has not been tried yet, so nobody can have read this token anywhere.
        (None, None) => LinkReason::Unknown,
    };
    Err(Refusal::LinkUnusable(reason))
}

/// What to say of a link that was live a moment ago and now is not.
pub(in crate::identity) fn why_not_live(
    tx: &mut Transaction<'_>,
    link: &ResetLink,
    now: UtcTime,
) -> Result<IdentityError, StoreError> {
    let refusal = live_link(reset_links::find(tx, &link.id)?, now).err();
    Ok(refusal.unwrap_or(Refusal::LinkUnusable(LinkReason::Expired)).into())
}
