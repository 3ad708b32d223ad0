//! The end of an access token before its time, at the wish of its client (RFC 7009).

use chrono::DateTime;

use super::{
    metered::{Metered, metered},
    prove::ProvenClient,
};
use crate::{
    app::App,
    crypto::{Claims as _, MachineClaims},
    identity::{
        sessions::authenticate::verified,
        transaction::{Decision, Tx},
    },
    store::{StoreError, audit_events::Event, revoked_tokens},
    types::{Actor, RequestContext, UtcTime},
};

/// Ends an access token of the client itself: this service refuses it from then on, and says so when it is introspected.
/// Everything else changes nothing: text that is no token, a token that has expired, another client's token, and a
/// customer's, which belongs to the sign-in and not to a machine client (RFC 7009 §2.1, JW-15).
///
/// The outcome is a refusal where the client calls too often.
pub async fn revoke_token(
    app: &App,
    context: &RequestContext,
    ProvenClient(id): ProvenClient,
    token: &str,
) -> Metered<()> {
    let now = app.clock.now();
    let claims = verified(app, |signer| signer.verify_machine(token, now)).await.ok();
    let own = claims.filter(|claims| claims.sub == id);
    let counted = metered(app, context, &id, |_| Ok(Decision::Done(()))).await;
    let Metered { outcome: Ok(()), quota } = counted else { return counted };
    let Some(claims) = own else { return Metered { outcome: Ok(()), quota } };
    let context = RequestContext { actor: Actor::Client(id), ..context.clone() };
    let outcome = app.transact(&context, move |tx| Ok(end(tx, &claims)?)).await;
    Metered { outcome, quota }
}

fn end(tx: &mut Tx<'_>, claims: &MachineClaims) -> Result<(), StoreError> {
    let (jti, expires_at) = (claims.frame().jti, expiry(claims, tx.now));
    if revoked_tokens::insert(tx, jti, expires_at)? {
        tx.entry(Event::ClientTokenRevoked).detail(jti).append(tx)?;
    }
    Ok(())
}

/// When the token expires. A time that no table can hold is that of a token that was never issued here.
fn expiry(claims: &MachineClaims, now: UtcTime) -> UtcTime {
    let seconds = i64::try_from(claims.frame().exp).ok();
    let moment = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    moment.map_or(now, |moment| moment.naive_utc())
}
