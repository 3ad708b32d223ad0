//! Continuing a session: a refresh token for the next access token.

use chrono::TimeDelta;

use super::{
    issue::{Issued, SignedIn, continue_session},
    password_state::PasswordAge,
};
use crate::{
    app::App,
    identity::{
        abuse::source_limits::counting_unknown_tokens,
        refusal::{IdentityError, Refusal},
        transaction::Tx,
    },
    store::sessions::SessionEnd,
    store::{
        StoreError, accounts,
        audit_events::Event,
        refresh_tokens::{self, RefreshTokenRow},
        sessions,
    },
    types::{RefreshTokenHash, RequestContext},
};

/// Within this time the directly preceding token is refused without ending the session: its client has sent the request
/// twice, and no theft is likely (JW-09).
const SENT_TWICE_WITHIN: TimeDelta = TimeDelta::seconds(10);
/// The stored reason of a session whose refresh token was presented a second time.
const REUSED: SessionEnd = SessionEnd::TokenReuse;

/// Exchanges a refresh token, once. A token that is presented a second time has been in two hands, and nothing tells
/// which of them is the owner's: the session ends (RFC 9700 §4.14.2).
///
/// # Errors
/// [`Refusal::InvalidToken`] for every token that cannot be exchanged; [`Refusal::TooManyAttempts`] for a source that
/// has presented many tokens that were never issued.
pub async fn refresh(app: &App, context: &RequestContext, refresh_token: &str) -> Result<SignedIn, IdentityError> {
    let token_hash = RefreshTokenHash::of_presented(refresh_token);
    // This query keeps made-up tokens out of the writing transactions, of which SQLite runs one at a time.
    counting_unknown_tokens(app, context, find_any(app, token_hash.clone())).await?;
    match app.transact(context, move |tx| Ok(exchange(tx, &token_hash)?)).await? {
        Exchange::Issued(issued) => Ok(issued.sign(app)?),
        Exchange::Refused => Err(Refusal::InvalidToken.into()),
        Exchange::Reused => {
            app.metrics.refresh_token_reused();
            Err(Refusal::InvalidToken.into())
        }
    }
}

/// How an exchange ends. Each is committed: what a reuse has ended stays ended.
enum Exchange {
    Issued(Box<Issued>),
    Refused,
    /// Refused, and the session has ended.
    Reused,
}

/// Succeeds where there is such a token, used or not.
async fn find_any(app: &App, token_hash: RefreshTokenHash) -> Result<(), IdentityError> {
    let found = app.query(move |tx| refresh_tokens::find(tx, &token_hash)).await?;
    found.map(drop).ok_or_else(|| Refusal::InvalidToken.into())
}

fn exchange(tx: &mut Tx<'_>, token_hash: &RefreshTokenHash) -> Result<Exchange, StoreError> {
    let Some(token) = refresh_tokens::find(tx, token_hash)? else { return Ok(Exchange::Refused) };
    let Some(session) = sessions::find(tx, &token.session_id)? else { return Ok(Exchange::Refused) };
    // Everything that ends sessions locks the account first, so such transactions run one after the other.
    accounts::lock(tx, &session.account_id)?;
    let lifetimes = tx.app.session_lifetimes;
    let Some((session, account)) = sessions::find_live(tx, &session.id, lifetimes)? else {
        return Ok(Exchange::Refused);
    };
    if token.used_at.is_some() || !refresh_tokens::consume(tx, token_hash)? {
        return end_reused(tx, token_hash);
    }
    let is_expired = PasswordAge::of(&tx.app).has_passed(&account, tx.now);
    if account.password_expired_because.is_some() || is_expired {
        // The customer signs in, and is led through the change there (JW-11).
        const EXPIRED: SessionEnd = SessionEnd::PasswordExpired;
        if sessions::end(tx, &session.id, EXPIRED)? {
            let ended = tx.entry(Event::SessionEnded).by_service().about(&account).session(&session.id);
            ended.detail(EXPIRED.as_str()).append(tx)?;
        }
        return Ok(Exchange::Refused);
    }
    Ok(Exchange::Issued(Box::new(continue_session(tx, &session, account)?)))
}

/// Refuses a token that was used before, perhaps a moment ago by a simultaneous call. Ends its session, unless the
/// client has only sent its request twice.
fn end_reused(tx: &mut Tx<'_>, token_hash: &RefreshTokenHash) -> Result<Exchange, StoreError> {
    let Some(RefreshTokenRow { session_id, generation, used_at: Some(used_at), .. }) =
        refresh_tokens::find(tx, token_hash)?
    else {
        return Ok(Exchange::Refused);
    };
    let directly_preceding = refresh_tokens::newest_generation(tx, &session_id)? == generation + 1;
    if directly_preceding && tx.now - used_at <= SENT_TWICE_WITHIN {
        return Ok(Exchange::Refused);
    }
    if !sessions::end(tx, &session_id, REUSED)? {
        return Ok(Exchange::Refused);
    }
    tracing::warn!(session.id = %session_id, "a refresh token was presented a second time; its session has ended");
    if let Some(session) = sessions::find(tx, &session_id)?
        && let Some(account) = accounts::find(tx, &session.account_id)?
    {
        tx.entry(Event::TokenReuse).about(&account).session(&session_id).detail(REUSED.as_str()).append(tx)?;
    }
    Ok(Exchange::Reused)
}
