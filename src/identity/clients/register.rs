//! Registering and revoking machine clients, those of programs and those of people.

use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::{
        audit_events::Event,
        clients::{self, Client, NewClient},
        support_sessions,
    },
    types::{ClientId, ClientSecret, RequestContext, Scopes, SupportScopes, random_bytes},
};

/// A client that has just been registered.
pub struct RegisteredClient {
    /// The client, as stored.
    pub client: Client,
    /// Its secret. The service stores only the hash, so this is the one time that the secret can be read (AD-08).
    pub secret: ClientSecret,
}

/// Registers the client of a program. A client's secret is never changed: to replace it without a gap, a second client is registered
/// beside the first, which is revoked later.
pub async fn create(
    app: &App,
    context: &RequestContext,
    name: String,
    scopes: Scopes,
) -> Result<RegisteredClient, IdentityError> {
    register(app, context, ToRegister { name, scopes, person: None }).await
}

/// Registers the client of a person, who signs in to the support page with it. The trail names the client as the actor of
/// what the person does.
pub async fn create_for_person(
    app: &App,
    context: &RequestContext,
    name: String,
    scopes: SupportScopes,
    person: String,
) -> Result<RegisteredClient, IdentityError> {
    register(app, context, ToRegister { name, scopes: scopes.into_scopes(), person: Some(person) }).await
}

struct ToRegister {
    name: String,
    scopes: Scopes,
    person: Option<String>,
}

async fn register(
    app: &App,
    context: &RequestContext,
    ToRegister { name, scopes, person }: ToRegister,
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
                person,
            };
            let person = client.person.as_ref().map(|person| format!(" for {person}")).unwrap_or_default();
            let detail = format!("{}: {}{person}", client.id, client.scopes);
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

/// Revokes a client. This service refuses its tokens at once, other services until they expire (AD-09). Its sessions of the
/// support page end.
pub async fn revoke(app: &App, context: &RequestContext, id: ClientId) -> Result<Revocation, IdentityError> {
    app.transact(context, move |tx| {
        if clients::find(tx, &id)?.is_none() {
            return Ok(Revocation::NoSuchClient);
        }
        if !clients::set_revoked(tx, &id)? {
            return Ok(Revocation::RevokedBefore);
        }
        support_sessions::delete_of_client(tx, &id)?;
        tx.entry(Event::ClientRevoked).detail(id.as_str()).append(tx)?;
        Ok(Revocation::Revoked)
    })
    .await
}
