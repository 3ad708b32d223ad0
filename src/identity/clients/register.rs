//! Registering and revoking machine clients, those of programs and those of people.

use crate::{
    app::App,
    crypto::ClientKeys,
    identity::refusal::IdentityError,
    store::{
        audit_events::Event,
        clients::{self, Client, NewClient},
        support_sessions, webhook_endpoints,
    },
    types::{ClientId, ClientSecret, ClientSecretHash, RequestContext, Scopes, SupportScopes, random_bytes},
};

/// A client that has just been registered.
pub struct RegisteredClient {
    /// The client, as stored.
    pub client: Client,
    /// Its secret; `None` where it has keys alone. The service stores only the hash, so this is the one time that the secret
    /// can be read (AD-08).
    pub secret: Option<ClientSecret>,
}

/// A client to be registered. No client is there by default (LG-14).
pub struct Registration {
    name: String,
    scopes: Scopes,
    person: Option<String>,
    jwks: Option<String>,
    has_secret: bool,
}

impl Registration {
    /// The client of a program, with a secret.
    #[must_use]
    pub fn of_program(name: String, scopes: Scopes) -> Self {
        Self { name, scopes, person: None, jwks: None, has_secret: true }
    }

    /// The client of a person, who signs in to the support page with its secret. The trail names the client as the actor of
    /// what the person does.
    #[must_use]
    pub fn of_person(name: String, scopes: SupportScopes, person: String) -> Self {
        Self { person: Some(person), ..Self::of_program(name, scopes.into_scopes()) }
    }

    /// Adds public keys, which verify what the client signs.
    #[must_use]
    pub fn with_keys(self, keys: &ClientKeys) -> Self {
        Self { jwks: Some(keys.to_text()), ..self }
    }

    /// Registers a client that authenticates itself by its keys alone.
    #[must_use]
    pub fn with_keys_alone(self, keys: &ClientKeys) -> Self {
        Self { has_secret: false, ..self.with_keys(keys) }
    }
}

/// Registers a client.
pub async fn register(
    app: &App,
    context: &RequestContext,
    registration: Registration,
) -> Result<RegisteredClient, IdentityError> {
    let Registration { name, scopes, person, jwks, has_secret } = registration;
    let secret = has_secret.then(|| ClientSecret::from_bits(random_bytes()));
    let secret_hash = secret.as_ref().map_or_else(ClientSecretHash::none, ClientSecret::hash);
    let client = app.transact(context, move |tx| {
        let client = NewClient {
            id: ClientId::mint(),
            name,
            scopes,
            secret_hash,
            created_at: tx.now,
            created_by: tx.context.actor.name(),
            person,
            jwks,
        };
        let person = client.person.as_ref().map(|person| format!(" for {person}")).unwrap_or_default();
        let detail = format!("{}: {}{person}", client.id, client.scopes);
        let client = clients::insert(tx, &client)?;
        tx.entry(Event::ClientCreated).detail(&detail).append(tx)?;
        Ok(client)
    });
    Ok(RegisteredClient { client: client.await?, secret })
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

/// Revokes a client. This service refuses its tokens at once, other services until they expire (AD-09). Its sessions of the
/// support page and its endpoints of webhooks end.
pub async fn revoke(app: &App, context: &RequestContext, id: ClientId) -> Result<Revocation, IdentityError> {
    app.transact(context, move |tx| {
        if clients::find(tx, &id)?.is_none() {
            return Ok(Revocation::NoSuchClient);
        }
        if !clients::set_revoked(tx, &id)? {
            return Ok(Revocation::RevokedBefore);
        }
        support_sessions::delete_of_client(tx, &id)?;
        webhook_endpoints::delete_of(tx, &id)?;
        tx.entry(Event::ClientRevoked).detail(id.as_str()).append(tx)?;
        Ok(Revocation::Revoked)
    })
    .await
}
