//! Replacing what a machine client authenticates itself by, without a gap (AD-08).

use crate::{
    app::App,
    crypto::ClientKeys,
    identity::{refusal::IdentityError, transaction::Tx},
    store::{
        StoreError,
        audit_events::Event,
        clients::{self, Client},
    },
    types::{ClientId, ClientSecret, RequestContext, random_bytes},
};

/// How a change of a client's credentials ends.
pub enum CredentialChange<T> {
    /// No client has the id.
    NoSuchClient,
    /// The client is revoked, so it gets nothing to authenticate itself by.
    Revoked,
    /// The change is made.
    Made(T),
}

/// Gives a client another secret. The present one stays live as the previous one, until the next rotation or until
/// [`end_previous_secret`]; a secret before that ends at once. So the programs of the client change over one by one.
pub async fn rotate_secret(
    app: &App,
    context: &RequestContext,
    id: ClientId,
) -> Result<CredentialChange<ClientSecret>, IdentityError> {
    let secret = ClientSecret::from_bits(random_bytes());
    let hash = secret.hash();
    let change = change(app, context, id, move |tx, client| {
        clients::rotate_secret(tx, client, &hash)?;
        tx.entry(Event::ClientSecretMade).detail(client.id.as_str()).append(tx)
    });
    Ok(match change.await? {
        CredentialChange::Made(()) => CredentialChange::Made(secret),
        CredentialChange::NoSuchClient => CredentialChange::NoSuchClient,
        CredentialChange::Revoked => CredentialChange::Revoked,
    })
}

/// Ends the previous secret of a client. The change is `false` where there is none.
pub async fn end_previous_secret(
    app: &App,
    context: &RequestContext,
    id: ClientId,
) -> Result<CredentialChange<bool>, IdentityError> {
    change(app, context, id, |tx, client| {
        let ended = clients::end_previous_secret(tx, &client.id)?;
        if ended {
            tx.entry(Event::ClientSecretEnded).detail(client.id.as_str()).append(tx)?;
        }
        Ok(ended)
    })
    .await
}

/// Replaces the public keys of a client. Keys that are not in the set verify nothing from then on.
pub async fn set_keys(
    app: &App,
    context: &RequestContext,
    id: ClientId,
    keys: &ClientKeys,
) -> Result<CredentialChange<()>, IdentityError> {
    let jwks = keys.to_text();
    change(app, context, id, move |tx, client| {
        clients::set_keys(tx, &client.id, &jwks)?;
        tx.entry(Event::ClientKeysChanged).detail(client.id.as_str()).append(tx)
    })
    .await
}

async fn change<T: Send + 'static>(
    app: &App,
    context: &RequestContext,
    id: ClientId,
    make: impl FnOnce(&mut Tx<'_>, &Client) -> Result<T, StoreError> + Send + 'static,
) -> Result<CredentialChange<T>, IdentityError> {
    app.transact(context, move |tx| {
        let Some(client) = clients::lock(tx, &id)? else { return Ok(CredentialChange::NoSuchClient) };
        if client.revoked_at.is_some() {
            return Ok(CredentialChange::Revoked);
        }
        Ok(CredentialChange::Made(make(tx, &client)?))
    })
    .await
}
