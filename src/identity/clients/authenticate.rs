//! From an access token to the machine client behind it.

use crate::{
    app::App,
    identity::{
        refusal::{IdentityError, Refusal},
        sessions::authenticate::verified,
    },
    store::clients,
    types::{ClientId, Scope, Scopes},
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

/// Finds the client behind an access token that grants `scope`. The client is read on every call: a revocation or the
/// loss of a scope takes effect here at once, in other services when the token expires (AD-09).
///
/// # Errors
/// [`Refusal::InvalidToken`] for every token that is not a live one of a client; [`Refusal::InsufficientScope`].
pub async fn authenticate(app: &App, access_token: &str, scope: Scope) -> Result<Machine, IdentityError> {
    let now = app.clock.now();
    let claims = verified(app, |signer| signer.verify_machine(access_token, now)).await?;
    let id = claims.sub.clone();
    let found = app.read(move |tx| clients::find(tx, &id)).await?;
    let client = found.filter(|client| client.revoked_at.is_none()).ok_or(Refusal::InvalidToken)?;
    let scopes = claims.scope.shared_with(&client.scopes);
    if !scopes.contains(scope) {
        tracing::warn!(client.id = %client.id, needed = %scope, "scope missing");
        return Err(Refusal::InsufficientScope(scope).into());
    }
    let machine = Machine { client_id: client.id.clone(), name: client.name.clone(), scopes };
    if client.use_is_news(now) {
        app.database.write(move |tx| clients::set_used(tx, &client)).await?;
    }
    Ok(machine)
}
