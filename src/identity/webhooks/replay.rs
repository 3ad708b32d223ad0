//! Sending events again.

use super::{
    owned::lock_of,
    queue::{delivery, span_of},
};
use crate::{
    app::App,
    identity::{
        refusal::{IdentityError, Refusal},
        transaction::Tx,
    },
    store::{
        audit_events::Event,
        events, webhook_attempts, webhook_deliveries,
        webhook_endpoints::{self, Replay, WebhookEndpoint},
    },
    types::{
        ClientId, EventType, RequestContext, UtcTime, WebhookAttemptId, WebhookCause, WebhookEndpointId,
        WebhookState,
    },
};

/// Events that are to be sent again.
pub struct SpanToReplay {
    /// The time of the first event.
    pub from: UtcTime,
    /// The time before which the last one happened.
    pub to: UtcTime,
    /// The one type that is to be sent; `None` for those of the endpoint.
    pub event_type: Option<EventType>,
}

/// Sends the event of an attempt again, with the same id. Returns how many events that are: one.
///
/// # Errors
/// [`Refusal::NoSuchWebhookEndpoint`], [`Refusal::NoSuchWebhookDelivery`] where the event was a test or is not kept any more,
/// [`Refusal::WebhookEndpointInactive`], and [`Refusal::ReplayUnderWay`] while an event waits to be sent again.
pub async fn replay_one(
    app: &App,
    context: &RequestContext,
    (client, id): (ClientId, WebhookEndpointId),
    attempt: WebhookAttemptId,
) -> Result<i64, IdentityError> {
    app.transact(context, move |tx| {
        let endpoint = lock_of(tx, &client, &id)?;
        let attempt = webhook_attempts::find_of(tx, &id, &attempt)?.ok_or(Refusal::NoSuchWebhookDelivery)?;
        let event = events::find_published(tx, &attempt.event_id)?.ok_or(Refusal::NoSuchWebhookDelivery)?;
        refuse_unready(tx, &endpoint)?;
        let delivery = delivery(&endpoint, &event, WebhookCause::Replay, (tx.now, tx.now));
        webhook_deliveries::insert(tx, &[delivery])?;
        note(tx, &id, 1)
    })
    .await
}

/// Sends the events of a span again, with the same ids and in their order, a few hundred at a time. Returns how many there
/// are.
///
/// # Errors
/// [`Refusal::NoSuchWebhookEndpoint`], [`Refusal::WebhookEndpointInactive`], and [`Refusal::ReplayUnderWay`] while an event
/// waits to be sent again.
pub async fn replay_span(
    app: &App,
    context: &RequestContext,
    (client, id): (ClientId, WebhookEndpointId),
    wanted: SpanToReplay,
) -> Result<i64, IdentityError> {
    app.transact(context, move |tx| {
        let endpoint = lock_of(tx, &client, &id)?;
        refuse_unready(tx, &endpoint)?;
        let SpanToReplay { from, to, event_type } = wanted;
        let replay = Replay { from, to, event_type, position: 0 };
        let count = events::count_of_span(tx, &span_of(&endpoint, &replay))?;
        if count > 0 {
            webhook_endpoints::set_replay(tx, &id, Some(replay))?;
        }
        note(tx, &id, count)
    })
    .await
}

/// Refuses where the endpoint gets no events, and while a replay has events that were not tried: one runs at a time.
fn refuse_unready(tx: &mut Tx<'_>, endpoint: &WebhookEndpoint) -> Result<(), IdentityError> {
    if endpoint.state != WebhookState::Active {
        return Err(Refusal::WebhookEndpointInactive.into());
    }
    if endpoint.replay().is_some() || webhook_deliveries::waits_for_replay(tx, &endpoint.id)? {
        return Err(Refusal::ReplayUnderWay.into());
    }
    Ok(())
}

fn note(tx: &mut Tx<'_>, id: &WebhookEndpointId, count: i64) -> Result<i64, IdentityError> {
    tx.entry(Event::WebhookReplayed).detail(&format!("{id}: {count}")).append(tx)?;
    Ok(count)
}
