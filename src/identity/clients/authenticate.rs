//! From an access token to the machine client behind it.

use crate::{
    app::App,
    identity::{
        refusal::{IdentityError, Refusal},
        sessions::authenticate::verified,
    },
    store::{clients, support_sessions},
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

/// Finds the client behind an access token that grants `scope`. The client, and the session of the support page that the
/// token belongs to, are read on every call: a revocation, the loss of a scope and the end of the session take effect here
/// at once, in other services when the token expires (AD-09, LG-07).
///
/// # Errors
/// [`Refusal::InvalidToken`] for every token that is not a live one of a client; [`Refusal::InsufficientScope`].
pub async fn authenticate(app: &App, access_token: &str, scope: Scope) -> Result<Machine, IdentityError> {
    let now = app.clock.now();
    let claims = verified(app, |signer| signer.verify_machine(access_token, now)).await?;
    let id = claims.sub.clone();
    let session = claims.sid.clone();
    let found = app.read(move |tx| {
        if let Some(session) = &session
            && support_sessions::find_live(tx, session)?.is_none()
        {
            return Ok(None);
        }
        clients::find(tx, &id)
    });
    let found = found.await?;
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
