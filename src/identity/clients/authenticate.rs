//! From an access token to the machine client behind it.

use super::metered::{Metered, metered};
use crate::{
    app::App,
    crypto::{Claims as _, MachineClaims},
    identity::{
        refusal::{IdentityError, Refusal},
        sessions::authenticate::verified,
        transaction::{Decision, Tx},
    },
    store::{
        StoreError,
        clients::{self, Client},
    },
    types::{ClientId, RequestContext, Scope, Scopes},
};

/// A client that has presented a valid access token.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The client's id.
    pub client_id: ClientId,
    /// The client's name, for people.
    pub name: String,
    /// The scopes that both the token and the client have.
    pub scopes: Scopes,
}

/// Finds the client behind an access token that grants `scope`, and counts the call. The client, and the session of the
/// support page that the token belongs to, are read on every call: a revocation of the client or of the token, the loss of a
/// scope and the end of the session take effect here at once, in other services when the token expires (AD-09, LG-07).
///
/// The outcome is [`Refusal::InvalidToken`] for every token that is not a live one of a client,
/// [`Refusal::InsufficientScope`], or [`Refusal::TooManyAttempts`] for a client that calls too often.
pub async fn authenticate(
    app: &App,
    context: &RequestContext,
    access_token: &str,
    scope: Scope,
) -> Metered<Machine> {
    let now = app.clock.now();
    let claims = match verified(app, |signer| signer.verify_machine(access_token, now)).await {
        Ok(claims) => claims,
        Err(refusal) => return Metered::uncounted(Err(refusal.into())),
    };
    let (id, granted) = (claims.sub.clone(), claims.scope.clone());
    let call = metered(app, context, &id, move |tx| Ok(Decision::Done(find_live(tx, &claims)?)));
    call.await.and_then(|client: Option<Client>| machine(client, &granted, scope))
}

/// The client of a token that is live. The use is stored.
pub(super) fn find_live(tx: &mut Tx<'_>, claims: &MachineClaims) -> Result<Option<Client>, StoreError> {
    let client = clients::find_of_token(tx, &claims.sub, claims.frame().jti, claims.sid.as_deref())?;
    if let Some(client) = &client {
        clients::set_used(tx, client)?;
    }
    Ok(client)
}

fn machine(client: Option<Client>, granted: &Scopes, scope: Scope) -> Result<Machine, IdentityError> {
    let client = client.ok_or(Refusal::InvalidToken)?;
    let scopes = granted.shared_with(&client.scopes);
    if !scopes.contains(scope) {
        tracing::warn!(client.id = %client.id, needed = %scope, "scope missing");
        return Err(Refusal::InsufficientScope(scope).into());
    }
    Ok(Machine { client_id: client.id, name: client.name, scopes })
}
