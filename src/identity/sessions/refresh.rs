//! Continuing a session: a refresh token for the next access token.

use super::{
    issue::{Issued, SignedIn, continue_session, go_on},
    password_state::PasswordAge,
    reuse::{Reissue, Ruling, Theft, rule_on},
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
        StoreError,
        accounts::{self, Account},
        audit_events::Event,
        refresh_tokens::{self, Exchanger, RefreshTokenRow},
        sessions::{self, Session},
    },
    types::{RefreshTokenHash, RequestContext},
};

/// The stored reason of a session whose refresh token was presented a second time.
const REUSED: SessionEnd = SessionEnd::TokenReuse;

/// Exchanges a refresh token, once. A token that is presented a second time has been in two hands, and nothing tells
/// which of them is the owner's: the session ends (RFC 9700 §4.14.2). What `reuse` takes for a lost answer gets the
/// same successor again.
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
        Exchange::Reissued(issued) => {
            app.metrics.sessions.refresh_token_reissued();
            Ok(issued.sign(app)?)
        }
        Exchange::Refused => Err(Refusal::InvalidToken.into()),
        Exchange::Reused => {
            app.metrics.sessions.refresh_token_reused();
            Err(Refusal::InvalidToken.into())
        }
    }
}

/// How an exchange ends. Each is committed: what a reuse has ended stays ended.
enum Exchange {
    Issued(Box<Issued>),
    /// The token was used before, and its successor is handed out again.
    Reissued(Box<Issued>),
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
    let by = Exchanger {
        user_agent: tx.context.user_agent.clone().unwrap_or_default(),
        network: tx.context.shortened_source(),
    };
    if token.used_at.is_none() && refresh_tokens::consume(tx, token_hash, &by)? {
        if end_if_expired(tx, &session, &account)? {
            return Ok(Exchange::Refused);
        }
        return Ok(Exchange::Issued(Box::new(continue_session(tx, &session, account)?)));
    }
    // Used before, perhaps a moment ago by a simultaneous call: the row is read as it is now.
    let Some(token) = refresh_tokens::find(tx, token_hash)? else { return Ok(Exchange::Refused) };
    match rule_on(tx, &token, &by)? {
        Ruling::Refuse => Ok(Exchange::Refused),
        Ruling::End(theft) => end_reused(tx, &session, &account, theft),
        Ruling::Reissue(_) if end_if_expired(tx, &session, &account)? => Ok(Exchange::Refused),
        Ruling::Reissue(reissue) => {
            Ok(Exchange::Reissued(Box::new(hand_out_again(tx, &token, &session, account, reissue)?)))
        }
    }
}

/// Ends a session whose password has expired. The customer signs in, and is led through the change there (JW-11).
fn end_if_expired(tx: &mut Tx<'_>, session: &Session, account: &Account) -> Result<bool, StoreError> {
    const EXPIRED: SessionEnd = SessionEnd::PasswordExpired;
    let is_too_old = PasswordAge::of(&tx.app).has_passed(account, tx.now);
    if account.password_expired_because.is_none() && !is_too_old {
        return Ok(false);
    }
    if sessions::end(tx, &session.id, EXPIRED)? {
        let ended = tx.entry(Event::SessionEnded).by_service().about(account).session(&session.id);
        ended.detail(EXPIRED.as_str()).append(tx)?;
    }
    Ok(true)
}

fn hand_out_again(
    tx: &mut Tx<'_>,
    token: &RefreshTokenRow,
    session: &Session,
    account: Account,
    reissue: Reissue,
) -> Result<Issued, StoreError> {
    let Reissue { successor, is_elsewhere } = reissue;
    refresh_tokens::set_reissued(tx, token, is_elsewhere)?;
    let entry = tx.entry(Event::TokenReissued).about(&account).session(&session.id);
    entry.detail(if is_elsewhere { "to another network" } else { "to the same network" }).append(tx)?;
    go_on(tx, session, account, successor)
}

fn end_reused(tx: &mut Tx<'_>, session: &Session, account: &Account, theft: Theft) -> Result<Exchange, StoreError> {
    if !sessions::end(tx, &session.id, REUSED)? {
        return Ok(Exchange::Refused);
    }
    tracing::warn!(
        session.id = %session.id, reason = theft.as_str(),
        "a refresh token was presented a second time; its session has ended",
    );
    tx.entry(Event::TokenReuse).about(account).session(&session.id).detail(theft.as_str()).append(tx)?;
    Ok(Exchange::Reused)
}
