//! Trying an endpoint out.

use super::owned::lock_of;
use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::{
        webhook_deliveries::{self, WebhookDelivery},
        webhook_endpoints,
    },
    types::{
        ClientId, EventId, EventType, Fault, RequestContext, WebhookCause, WebhookDeliveryId, WebhookEndpointId,
        told::{EventBody, Told, WebhookTestData},
    },
};

/// Queues a test event for an endpoint, in place of one that waits. It is tried once, and an answer of 2xx makes the endpoint
/// active. Returns the id of the event.
///
/// # Errors
/// [`Refusal::NoSuchWebhookEndpoint`](crate::identity::Refusal::NoSuchWebhookEndpoint) for an id that is not of an endpoint of
/// this client.
pub async fn test(
    app: &App,
    context: &RequestContext,
    client: ClientId,
    id: WebhookEndpointId,
) -> Result<EventId, IdentityError> {
    app.transact(context, move |tx| {
        lock_of(tx, &client, &id)?;
        let event_id = EventId::mint_event();
        let told: Told = WebhookTestData::new(id.clone()).into();
        let writing = |error| Fault::internal("writing a test event", error);
        let data = serde_json::to_value(&told).map_err(writing)?;
        let body = EventBody::new(&event_id, EventType::WebhookTest, tx.now, data);
        let body = serde_json::to_string(&body).map_err(writing)?;
        webhook_deliveries::delete_tests(tx, &id)?;
        let test = WebhookDelivery {
            id: WebhookDeliveryId::mint(),
            endpoint_id: id.clone(),
            event_id: event_id.clone(),
            event_type: EventType::WebhookTest,
            cause: WebhookCause::Test,
            body: Some(body),
            attempts: 0,
            created_at: tx.now,
            next_try_at: tx.now,
        };
        webhook_deliveries::insert(tx, &[test])?;
        webhook_endpoints::end_pause(tx, &id)?;
        Ok(event_id)
    })
    .await
}
