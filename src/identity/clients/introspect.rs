//! What a token is worth at this moment (RFC 7662), without using anything of it up.

use super::{
    authenticate::find_live,
    metered::{Metered, metered},
    prove::ProvenClient,
};
use crate::{
    app::App,
    crypto::{AccessClaims, CUSTOMER_CLIENT, Claims as _, Frame, InvalidAccessToken, MachineClaims},
    identity::{
        abuse::client_limits::count_unknown_token,
        sessions::{authenticate::look_into, password_state::PasswordAge},
        transaction::{Decision, Tx},
    },
    store::{StoreError, refresh_tokens, sessions},
    types::{ClientId, RefreshTokenHash, RequestContext, Scopes, UtcTime},
};

/// What is told of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Introspection {
    /// A live access token of a customer, or of the client that asks.
    AccessToken {
        /// The claims that every access token has.
        frame: Frame<String>,
        /// The client that the token was issued to.
        client_id: String,
        /// The account, or the client that acts for itself.
        sub: String,
        /// The scopes that the token still grants; `None` for a customer's.
        scope: Option<Scopes>,
    },
    /// A refresh token of a customer that can be exchanged.
    RefreshToken {
        /// The issuer.
        iss: String,
        /// The account.
        sub: String,
        /// When the token was issued.
        issued_at: UtcTime,
        /// When the session of the token ends, unless it is used.
        expires_at: UtcTime,
    },
    /// Anything else: a token that was never issued, that has ended, or that is another client's.
    Inactive,
}

/// What a presented text is, by its signature alone.
enum Presented {
    Customer(AccessClaims),
    Machine(MachineClaims),
    /// An access token whose time is over.
    Expired,
    /// A refresh token, or a text that was never issued.
    Other(RefreshTokenHash),
}

/// Tells a client what a token is worth: the token of a customer, or one of its own. Whatever ends a token counts at once,
/// and nothing is told of another client's tokens (JW-14).
///
/// The outcome is a refusal where the client calls too often, or has presented too many tokens that were never issued.
pub async fn introspect(
    app: &App,
    context: &RequestContext,
    ProvenClient(id): ProvenClient,
    token: &str,
) -> Metered<Introspection> {
    let presented = present(app, token).await;
    let asking = id.clone();
    metered(app, context, &id, move |tx| match presented {
        Presented::Expired => Ok(Decision::Done(Introspection::Inactive)),
        Presented::Machine(claims) => Ok(Decision::Done(look_at_own(tx, &asking, &claims)?)),
        Presented::Customer(claims) => Ok(Decision::Done(look_at_customers(tx, &claims)?)),
        Presented::Other(hash) => look_for_refresh_token(tx, &asking, &hash),
    })
    .await
}

async fn present(app: &App, token: &str) -> Presented {
    let now = app.clock.now();
    match look_into(app, |signer| signer.verify_machine(token, now)).await {
        Ok(claims) => return Presented::Machine(claims),
        Err(InvalidAccessToken::Expired) => return Presented::Expired,
        Err(InvalidAccessToken::Invalid | InvalidAccessToken::UnknownKey) => (),
    }
    match look_into(app, |signer| signer.verify(token, now)).await {
        Ok(claims) => Presented::Customer(claims),
        Err(InvalidAccessToken::Expired) => Presented::Expired,
        Err(InvalidAccessToken::Invalid | InvalidAccessToken::UnknownKey) => {
            Presented::Other(RefreshTokenHash::of_presented(token))
        }
    }
}

fn look_at_own(tx: &mut Tx<'_>, asking: &ClientId, claims: &MachineClaims) -> Result<Introspection, StoreError> {
    if claims.sub != *asking {
        return Ok(Introspection::Inactive);
    }
    let Some(client) = find_live(tx, claims)? else { return Ok(Introspection::Inactive) };
    let scope = claims.scope.shared_with(&client.scopes);
    // A token that opens nothing any more is worth nothing.
    if scope.as_str().is_empty() {
        return Ok(Introspection::Inactive);
    }
    let client_id = client.id.as_str().to_owned();
    Ok(Introspection::AccessToken {
        frame: owned(&claims.frame()),
        sub: client_id.clone(),
        client_id,
        scope: Some(scope),
    })
}

fn look_at_customers(tx: &mut Tx<'_>, claims: &AccessClaims) -> Result<Introspection, StoreError> {
    let lifetimes = tx.app.session_lifetimes;
    let live = sessions::find_live(tx, &claims.sid, lifetimes)?;
    let is_of_session =
        live.is_some_and(|(_, account)| account.id == claims.sub && account.session_epoch == claims.epoch);
    if !is_of_session {
        return Ok(Introspection::Inactive);
    }
    Ok(Introspection::AccessToken {
        frame: owned(&claims.frame()),
        client_id: CUSTOMER_CLIENT.to_owned(),
        sub: claims.sub.as_str().to_owned(),
        scope: None,
    })
}

/// Looks for a refresh token that can be exchanged. A text that is the token of no row was never issued, and counts.
fn look_for_refresh_token(
    tx: &mut Tx<'_>,
    asking: &ClientId,
    hash: &RefreshTokenHash,
) -> Result<Decision<Introspection>, StoreError> {
    let Some(token) = refresh_tokens::find(tx, hash)? else {
        return Ok(match count_unknown_token(tx, asking)? {
            Decision::Done(()) => Decision::Done(Introspection::Inactive),
            Decision::Refused(refusal) => Decision::Refused(refusal),
        });
    };
    let lifetimes = tx.app.session_lifetimes;
    let live = sessions::find_live(tx, &token.session_id, lifetimes)?;
    let Some((session, account)) = live.filter(|_| token.used_at.is_none()) else {
        return Ok(Decision::Done(Introspection::Inactive));
    };
    let must_be_changed = account.password_expired_because.is_some();
    if must_be_changed || PasswordAge::of(&tx.app).has_passed(&account, tx.now) {
        return Ok(Decision::Done(Introspection::Inactive));
    }
    Ok(Decision::Done(Introspection::RefreshToken {
        iss: tx.app.signer.issuer().to_owned(),
        sub: account.id.as_str().to_owned(),
        issued_at: token.created_at,
        expires_at: (session.last_used_at + lifetimes.idle).min(session.created_at + lifetimes.absolute),
    }))
}

fn owned(frame: &Frame<&str>) -> Frame<String> {
    let Frame { iss, aud, iat, exp, jti } = *frame;
    Frame { iss: iss.to_owned(), aud: aud.to_owned(), iat, exp, jti: jti.to_owned() }
}
