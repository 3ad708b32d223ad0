//! Registering and revoking machine clients.

use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::{
        audit_events::Event,
        clients::{self, Client, NewClient},
    },
    types::{ClientId, ClientSecret, RequestContext, Scopes, random_bytes},
};

/// A client that has just been registered.
pub struct RegisteredClient {
    /// The client, as stored.
    pub client: Client,
    /// Its secret. The service stores only the hash, so this is the one time that the secret can be read (AD-08).
    pub secret: ClientSecret,
}

/// Registers a client. A client's secret is never changed: to replace it without a gap, a second client is registered
/// beside the first, which is revoked later.
pub async fn create(
    app: &App,
    context: &RequestContext,
    name: String,
    scopes: Scopes,
) -> Result<RegisteredClient, IdentityError> {
    let secret = ClientSecret::from_bits(random_bytes());
    let secret_hash = secret.hash();
    let client = app
        .transact(context, move |tx| {
            let client = NewClient {
                id: ClientId::mint(),
                name,
                scopes,
                secret_hash,
                created_at: tx.now,
                created_by: tx.context.actor.name(),
            };
            let detail = format!("{}: {}", client.id, client.scopes);
            let client = clients::insert(tx, &client)?;
            tx.entry(Event::ClientCreated).detail(&detail).append(tx)?;
            Ok(client)
        })
        .await?;
    Ok(RegisteredClient { client, secret })
}

/// What a request to revoke a client has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// No client has the id.
    NoSuchClient,
    /// The client had been revoked before.
    RevokedBefore,
    /// The client has been revoked.
    Revoked,
}

/// Revokes a client. This service refuses its tokens at once, other services until they expire (AD-09).
pub async fn revoke(app: &App, context: &RequestContext, id: ClientId) -> Result<Revocation, IdentityError> {
    app.transact(context, move |tx| {
        if clients::find(tx, &id)?.is_none() {
            return Ok(Revocation::NoSuchClient);
        }
        if !clients::set_revoked(tx, &id)? {
            return Ok(Revocation::RevokedBefore);
        }
        tx.entry(Event::ClientRevoked).detail(id.as_str()).append(tx)?;
        Ok(Revocation::Revoked)
    })
    .await
}
