//! Carrying a session on: a refresh token for the next access token.

use chrono::TimeDelta;

use super::{
    end::note_ended,
    issue::{Issued, Issuer, SignedIn},
    password_state::GreatestAge,
};
use crate::{
    app::App,
    identity::{
        abuse::source_limits::counting_unknown_tokens,
        refusal::{IdentityError, Refusal},
    },
    store::{
        StoreError, Transaction, accounts,
        audit_events::{Entry, Event},
        refresh_tokens::{self, RefreshTokenRow},
        sessions,
    },
    types::{RefreshTokenHash, RequestContext, UtcTime},
};

/// A client that sent twice presents the directly preceding token within so long: no theft (JW-09).
const SENT_TWICE_WITHIN: TimeDelta = TimeDelta::seconds(10);

/// Exchanges a refresh token, once. Presented a second time it has been in two hands, and nobody can tell which
/// of them was the owner's: the session ends (RFC 9700 §4.14.2).
pub async fn refresh(app: &App, context: &RequestContext, refresh_token: &str) -> Result<SignedIn, IdentityError> {
    counting_unknown_tokens(app, context, find_any(app, refresh_token)).await?;
    let now = app.clock.now();
    let token_hash = RefreshTokenHash::of_presented(refresh_token);
    let (issuer, lifetimes, greatest_age) = (Issuer::of(app), app.session_lifetimes, GreatestAge::of(app));
    let context = context.clone();
    // A refusal is a result here and no error: what a reuse has ended must stay so.
    let outcome = app
        .database
        .write(move |tx| -> Result<Outcome, StoreError> {
            let Some(token) = refresh_tokens::find(tx, &token_hash)? else { return Ok(Outcome::Refused) };
            let Some(session) = sessions::find(tx, &token.session_id)? else { return Ok(Outcome::Refused) };
            // First of all, as everything does that ends sessions: so they take turns, and none meets another
            // half-way.
            accounts::lock(tx, &session.account_id)?;
            let Some((session, account)) = sessions::find_live(tx, &session.id, lifetimes)? else {
                return Ok(Outcome::Refused);
            };
            if token.used_at.is_some() || !refresh_tokens::consume(tx, &token_hash)? {
                let session_ended = meet_reuse(tx, &context, &token_hash, now)?;
                return Ok(if session_ended { Outcome::Reused } else { Outcome::Refused });
            }
            if account.password_expired_because.is_some() || greatest_age.has_passed(&account, now) {
                // JW-11. The customer signs in, and is led through the change there.
                sessions::end(tx, &session.id, "password expired")?;
                let entry = Entry::by_service_for(&context, Event::SessionEnded, now);
                note_ended(tx, entry, &account, &session.id, "password expired")?;
                return Ok(Outcome::Refused);
            }
            let renewed = issuer.renew(tx, &context, &session, account, now)?;
            Ok(Outcome::Issued(Box::new(renewed)))
        })
        .await?;
    match outcome {
        Outcome::Issued(renewed) => Ok(renewed.sign(app, now)?),
        Outcome::Refused => Err(Refusal::InvalidToken.into()),
        Outcome::Reused => {
            app.metrics.refresh_token_reused();
            Err(Refusal::InvalidToken.into())
        }
    }
}

enum Outcome {
    Issued(Box<Issued>),
    Refused,
    /// Refused, and the session has ended.
    Reused,
}

/// Whether there is such a token, however dead.
async fn find_any(app: &App, refresh_token: &str) -> Result<(), IdentityError> {
    let token_hash = RefreshTokenHash::of_presented(refresh_token);
    let found = app.database.query(move |tx| refresh_tokens::find(tx, &token_hash)).await?;
    found.map(drop).ok_or_else(|| Refusal::InvalidToken.into())
}

/// The token was used before, perhaps a moment ago by a call at the same time. Returns whether that ended its session.
fn meet_reuse(
    tx: &mut Transaction<'_>,
    context: &RequestContext,
    token_hash: &RefreshTokenHash,
    now: UtcTime,
) -> Result<bool, StoreError> {
    let Some(RefreshTokenRow { session_id, generation, used_at: Some(used_at), .. }) =
        refresh_tokens::find(tx, token_hash)?
    else {
        return Ok(false);
    };
    let directly_preceding = refresh_tokens::newest_generation(tx, &session_id)? == generation + 1;
    if directly_preceding && now - used_at <= SENT_TWICE_WITHIN {
        return Ok(false);
    }
    if !sessions::end(tx, &session_id, "refresh token reused")? {
        return Ok(false);
    }
    tracing::warn!(session.id = %session_id, "a refresh token was presented a second time; its session has ended");
    let Some(session) = sessions::find(tx, &session_id)? else { return Ok(true) };
    let Some(account) = accounts::find(tx, &session.account_id)? else { return Ok(true) };
    let entry = Entry::by_caller(context, Event::TokenReuse, now);
    note_ended(tx, entry, &account, &session_id, "refresh token reused")?;
    Ok(true)
}
