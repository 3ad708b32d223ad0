//! The endpoints of a machine client. Another client's endpoint is none.

use super::{keys::NewKey, owned::lock_of};
use crate::{
    app::App,
    identity::{
        field_error::FieldError,
        idempotency::Recording,
        refusal::{IdentityError, Refusal},
        transaction::Tx,
    },
    store::{
        audit_events::Event,
        clients, webhook_deliveries,
        webhook_endpoints::{self, NewWebhookEndpoint, WebhookEndpoint, WebhookSettings},
        webhook_keys,
    },
    types::{
        ClientId, RequestContext, WebhookDescription, WebhookEndpointId, WebhookSignature, WebhookState,
        WebhookTypes, WebhookUrl,
    },
};

/// The most endpoints of a client.
const MOST_ENDPOINTS: usize = 10;

/// An endpoint to be made.
pub struct EndpointToCreate {
    /// The address that events are sent to.
    pub url: WebhookUrl,
    /// The types of events that are sent.
    pub types: WebhookTypes,
    /// What the endpoint is for.
    pub description: Option<WebhookDescription>,
    /// How events are signed.
    pub signature: WebhookSignature,
}

/// An endpoint that has just been made.
pub struct CreatedEndpoint {
    /// The endpoint, as stored.
    pub endpoint: WebhookEndpoint,
    /// The secret, `whsec_…`. This is the one time that it can be read (WH-09).
    pub secret: String,
}

/// What is to be changed. What is `None` stays.
pub struct EndpointChanges {
    /// Another address, which has to answer a test event before it gets any other.
    pub url: Option<WebhookUrl>,
    /// Other types of events.
    pub types: Option<WebhookTypes>,
    /// Another description.
    pub description: Option<NewDescription>,
}

/// A description that is changed.
pub enum NewDescription {
    /// There is to be none.
    Removed,
    /// It is to be this one.
    Set(WebhookDescription),
}

/// Makes an endpoint. It gets no events before it has answered a test event. The recording keeps that the call was made, so
/// that a repetition makes nothing.
///
/// # Errors
/// [`Refusal::Invalid`] where the address leads nowhere that events may be sent to, [`Refusal::WebhookUrlTaken`] and
/// [`Refusal::TooManyWebhookEndpoints`].
pub async fn create(
    app: &App,
    context: &RequestContext,
    client: ClientId,
    wanted: EndpointToCreate,
    recording: Option<Recording<CreatedEndpoint>>,
) -> Result<CreatedEndpoint, IdentityError> {
    check_url(app, &wanted.url).await?;
    let id = WebhookEndpointId::mint();
    let NewKey { key, secret } = NewKey::make(app, &id, wanted.signature)?;
    app.transact(context, move |tx| {
        lock_client(tx, &client)?;
        let theirs = webhook_endpoints::list_of(tx, &client)?;
        refuse_duplicate(&theirs, &id, &wanted.url)?;
        if theirs.len() >= MOST_ENDPOINTS {
            return Err(Refusal::TooManyWebhookEndpoints.into());
        }
        let EndpointToCreate { url, types, description, signature } = wanted;
        let state = WebhookState::Pending;
        let new = NewWebhookEndpoint {
            id,
            client_id: client,
            url,
            types,
            description,
            state,
            signature,
            created_at: tx.now,
        };
        let endpoint = webhook_endpoints::insert(tx, &new)?;
        let key = key.made_at(tx.now);
        webhook_keys::insert(tx, &key)?;
        tx.entry(Event::WebhookCreated).detail(endpoint.id.as_str()).append(tx)?;
        let created = CreatedEndpoint { endpoint, secret };
        if let Some(recording) = recording {
            recording.record(tx, &created, None)?;
        }
        Ok(created)
    })
    .await
}

/// Lists the endpoints of a client, the oldest first.
pub async fn list(app: &App, client: ClientId) -> Result<Vec<WebhookEndpoint>, IdentityError> {
    Ok(app.query(move |tx| webhook_endpoints::list_of(tx, &client)).await?)
}

/// Shows an endpoint of a client.
///
/// # Errors
/// [`Refusal::NoSuchWebhookEndpoint`] for an id that is not of an endpoint of this client.
pub async fn show(app: &App, client: ClientId, id: WebhookEndpointId) -> Result<WebhookEndpoint, IdentityError> {
    let found = app.query(move |tx| webhook_endpoints::find(tx, &id)).await?;
    Ok(found.filter(|endpoint| endpoint.client_id == client).ok_or(Refusal::NoSuchWebhookEndpoint)?)
}

/// Changes an endpoint. With another address it is pending again.
///
/// # Errors
/// As [`create`] and [`show`].
pub async fn update(
    app: &App,
    context: &RequestContext,
    (client, id): (ClientId, WebhookEndpointId),
    changes: EndpointChanges,
) -> Result<WebhookEndpoint, IdentityError> {
    show(app, client.clone(), id.clone()).await?;
    if let Some(url) = &changes.url {
        check_url(app, url).await?;
    }
    app.transact(context, move |tx| {
        lock_client(tx, &client)?;
        let before = lock_of(tx, &client, &id)?;
        let settings = changed(&before, changes);
        if let Some(moved) = Some(&settings.url).filter(|url| **url != before.url) {
            refuse_duplicate(&webhook_endpoints::list_of(tx, &client)?, &id, moved)?;
        }
        let is_moved = !settings.url.is_same_place(&before.url);
        webhook_endpoints::set_settings(tx, &id, &settings)?;
        if is_moved {
            webhook_endpoints::set_state(tx, &id, WebhookState::Pending, None)?;
            webhook_endpoints::set_condition(tx, &id, webhook_endpoints::Condition::GOOD)?;
            webhook_deliveries::delete_tests(tx, &id)?;
        }
        let now = webhook_endpoints::find(tx, &id)?.ok_or(Refusal::NoSuchWebhookEndpoint)?;
        if (&now.url, &now.types, &now.description) != (&before.url, &before.types, &before.description) {
            tx.entry(Event::WebhookChanged).detail(id.as_str()).append(tx)?;
        }
        Ok(now)
    })
    .await
}

/// Deletes an endpoint. What waits for it is not sent.
///
/// # Errors
/// As [`show`].
pub async fn delete(
    app: &App,
    context: &RequestContext,
    client: ClientId,
    id: WebhookEndpointId,
) -> Result<(), IdentityError> {
    app.transact(context, move |tx| {
        lock_of(tx, &client, &id)?;
        webhook_endpoints::delete(tx, &id)?;
        Ok(tx.entry(Event::WebhookDeleted).detail(id.as_str()).append(tx)?)
    })
    .await
}

/// Looks where the address leads. It is checked again whenever a connection is opened.
async fn check_url(app: &App, url: &WebhookUrl) -> Result<(), IdentityError> {
    let checked = app.webhooks.check(url.url()).await;
    checked.map_err(|_| Refusal::Invalid(vec![FieldError::url_not_allowed()]).into())
}

/// Locks a client, so that nobody else counts its endpoints meanwhile. A revocation waits, or was first: then the client
/// gets no endpoint any more.
fn lock_client(tx: &mut Tx<'_>, client: &ClientId) -> Result<(), IdentityError> {
    let found = clients::lock(tx, client)?.filter(|client| client.revoked_at.is_none());
    found.map(drop).ok_or_else(|| Refusal::InvalidToken.into())
}

fn refuse_duplicate(theirs: &[WebhookEndpoint], id: &WebhookEndpointId, url: &WebhookUrl) -> Result<(), Refusal> {
    let is_other = |endpoint: &WebhookEndpoint| endpoint.id != *id && endpoint.url.is_same_place(url);
    if theirs.iter().any(is_other) { Err(Refusal::WebhookUrlTaken) } else { Ok(()) }
}

fn changed(before: &WebhookEndpoint, changes: EndpointChanges) -> WebhookSettings {
    let EndpointChanges { url, types, description } = changes;
    WebhookSettings {
        url: url.unwrap_or_else(|| before.url.clone()),
        types: types.unwrap_or_else(|| before.types.clone()),
        description: match description {
            None => before.description.clone(),
            Some(NewDescription::Removed) => None,
            Some(NewDescription::Set(text)) => Some(text),
        },
    }
}
