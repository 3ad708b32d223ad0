//! What is due to an endpoint, with all that its delivery takes.

use super::{claimed::Claimed, keys::SigningKeys};
use crate::{
    app::App,
    identity::{refusal::IdentityError, transaction::Tx},
    store::{
        StoreError, clients,
        events::{self, PublishedEvent},
        webhook_deliveries::{self, WebhookDelivery},
        webhook_endpoints::{self, WebhookEndpoint},
        webhook_keys::{self, WebhookKey},
    },
    types::{Actor, EventId, Fault, RequestContext, Scope, UtcTime, WebhookState},
};

/// How many events are sent to an endpoint at a time.
const AT_A_TIME: i64 = 8;

/// Events that are due to an endpoint.
pub(super) struct Batch {
    pub(super) endpoint: WebhookEndpoint,
    pub(super) keys: SigningKeys,
    pub(super) messages: Vec<Message>,
    /// The end of the lease under which they are sent.
    pub(super) lease_until: UtcTime,
}

/// One event that is due, with its body.
pub(super) struct Message {
    pub(super) delivery: WebhookDelivery,
    pub(super) body: String,
}

/// Rows of a batch, before anything is opened.
struct Rows {
    endpoint: WebhookEndpoint,
    keys: Vec<WebhookKey>,
    deliveries: Vec<WebhookDelivery>,
    events: Vec<PublishedEvent>,
    lease_until: UtcTime,
}

/// Reads what is due, under a renewed lease. `None` where nothing is, or another worker has the endpoint: the lease is then
/// given back.
pub(super) async fn prepare(app: &App, claimed: &Claimed) -> Result<Option<Batch>, IdentityError> {
    let held = claimed.clone();
    let rows = app.transact(&RequestContext::of(Actor::Service), move |tx| Ok(read(tx, &held)?)).await?;
    let Some(Rows { endpoint, keys, deliveries, events, lease_until }) = rows else { return Ok(None) };
    let opening = |error| Fault::internal("opening the keys of a webhook endpoint", error);
    let keys = SigningKeys::open(app, &keys).map_err(opening)?;
    let mut messages = Vec::new();
    for delivery in deliveries {
        if let Some(body) = body_of(&delivery, &events)? {
            messages.push(Message { delivery, body });
        }
    }
    Ok(Some(Batch { endpoint, keys, messages, lease_until }))
}

fn read(tx: &mut Tx<'_>, claimed: &Claimed) -> Result<Option<Rows>, StoreError> {
    let id = &claimed.endpoint;
    let lease_until = Claimed::lease_from(tx.now);
    if !webhook_endpoints::renew(tx, id, claimed.lease_until, Some(lease_until))? {
        return Ok(None);
    }
    let found = webhook_endpoints::find(tx, id)?;
    let due = match &found {
        Some(endpoint) if is_entitled(tx, endpoint)? => list_due(tx, endpoint)?,
        _ => Vec::new(),
    };
    let Some(endpoint) = found.filter(|_| !due.is_empty()) else {
        webhook_endpoints::renew(tx, id, lease_until, None)?;
        return Ok(None);
    };
    let ids: Vec<EventId> = due.iter().map(|delivery| delivery.event_id.clone()).collect();
    let events = events::list_published(tx, &ids)?;
    // An event that was forgotten meanwhile is sent to nobody.
    let (deliveries, forgotten): (Vec<_>, Vec<_>) = due
        .into_iter()
        .partition(|delivery| delivery.body.is_some() || events.iter().any(|event| event.id == delivery.event_id));
    for delivery in &forgotten {
        webhook_deliveries::finish(tx, delivery)?;
    }
    Ok(Some(Rows { keys: webhook_keys::list_live(tx, id)?, endpoint, deliveries, events, lease_until }))
}

/// Whether the client of an endpoint may have it.
fn is_entitled(tx: &mut Tx<'_>, endpoint: &WebhookEndpoint) -> Result<bool, StoreError> {
    let client = clients::find(tx, &endpoint.client_id)?;
    Ok(client.is_some_and(|client| client.revoked_at.is_none() && client.scopes.contains(Scope::WebhooksWrite)))
}

/// What is due. An endpoint that fails is tried with one event, however many wait; one that gets no events is tried with test
/// events alone.
fn list_due(tx: &mut Tx<'_>, endpoint: &WebhookEndpoint) -> Result<Vec<WebhookDelivery>, StoreError> {
    let most = if endpoint.failing_since.is_some() { 1 } else { AT_A_TIME };
    if endpoint.state == WebhookState::Active {
        webhook_deliveries::list_due(tx, &endpoint.id, most)
    } else {
        webhook_deliveries::list_due_tests(tx, &endpoint.id, most)
    }
}

/// The body, which is the same at every attempt.
fn body_of(delivery: &WebhookDelivery, events: &[PublishedEvent]) -> Result<Option<String>, Fault> {
    if delivery.body.is_some() {
        return Ok(delivery.body.clone());
    }
    let Some(event) = events.iter().find(|event| event.id == delivery.event_id) else { return Ok(None) };
    let body = serde_json::to_string(&event.to_body());
    body.map(Some).map_err(|error| Fault::internal("writing an event", error))
}
