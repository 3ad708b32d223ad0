//! Queueing events for the endpoints that get them: a step of its own after the publication. It follows the positions of
//! published events, which have no gaps, so no event is passed over, and one transaction does it at a time, so none is
//! queued twice.

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::{refusal::IdentityError, transaction::Tx},
    store::{
        StoreError, Transaction,
        audit_events::Event,
        events::{self, PublishedEvent, Span},
        webhook_deliveries::{self, WebhookDelivery},
        webhook_endpoints::{self, ActiveEndpoints, Replay, WebhookEndpoint},
    },
    types::{Actor, EventType, RequestContext, UtcTime, WebhookCause, WebhookDeliveryId},
};

/// The most events that one transaction queues.
const MOST_EVENTS: i64 = 500;
/// About how many rows one transaction inserts at most.
const MOST_ROWS: i64 = 2000;
/// How many events of a replay wait at a time.
const REPLAYED_AT_A_TIME: i64 = 200;

/// Queues every published event that is not queued. Returns how many deliveries that are.
pub async fn queue_events(app: &App) -> Result<usize, IdentityError> {
    let mut count = 0;
    // A look takes no place of SQLite's one writer.
    while app.query(is_behind).await? {
        count += app.transact(&RequestContext::of(Actor::Service), |tx| Ok(queue_batch(tx)?)).await?;
    }
    Ok(count)
}

fn is_behind(tx: &mut Transaction<'_>) -> Result<bool, StoreError> {
    Ok(webhook_deliveries::queued_up_to(tx)? < events::last_position(tx)?)
}

fn queue_batch(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    webhook_deliveries::lock_queueing(tx)?;
    let ActiveEndpoints { entitled, ended } = webhook_endpoints::list_active(tx)?;
    end(tx, &ended)?;
    let last = events::last_position(tx)?;
    if entitled.is_empty() {
        webhook_deliveries::set_queued_up_to(tx, last)?;
        return Ok(0);
    }
    let limit = i64::try_from(entitled.len()).map_or(1, |count| MOST_ROWS / count).clamp(1, MOST_EVENTS);
    let behind = webhook_deliveries::queued_up_to(tx)?;
    let events = events::list_after(tx, behind, &[], limit)?;
    let deliveries = deliveries_of(&entitled, &events, tx.now);
    webhook_deliveries::insert(tx, &deliveries)?;
    // Where there is none behind, the upkeep has forgotten them all.
    let reached = events.last().map_or(last, |event| event.position);
    webhook_deliveries::set_queued_up_to(tx, reached)?;
    Ok(deliveries.len())
}

/// Ends the endpoints of clients that may have none any more.
fn end(tx: &mut Tx<'_>, endpoints: &[WebhookEndpoint]) -> Result<(), StoreError> {
    for endpoint in endpoints {
        webhook_endpoints::delete(tx, &endpoint.id)?;
        tx.entry(Event::WebhookDeleted).detail(endpoint.id.as_str()).append(tx)?;
    }
    Ok(())
}

fn deliveries_of(endpoints: &[WebhookEndpoint], events: &[PublishedEvent], now: UtcTime) -> Vec<WebhookDelivery> {
    let pairs = events.iter().flat_map(|event| endpoints.iter().map(move |endpoint| (event, endpoint)));
    let wanted: Vec<_> = pairs.filter(|(event, endpoint)| endpoint.types.matches(event.event_type)).collect();
    in_order(wanted.len(), now)
        .zip(wanted)
        .map(|(due, (event, endpoint))| delivery(endpoint, event, WebhookCause::Event, (now, due)))
        .collect()
}

/// Times that are due by now and tell rows of one transaction apart, so that they go out in their order.
fn in_order(count: usize, now: UtcTime) -> impl Iterator<Item = UtcTime> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    (0..count).map(move |index| now - TimeDelta::microseconds(count - index))
}

/// A delivery that is queued now, and due at a time.
pub(super) fn delivery(
    endpoint: &WebhookEndpoint,
    event: &PublishedEvent,
    cause: WebhookCause,
    (created_at, next_try_at): (UtcTime, UtcTime),
) -> WebhookDelivery {
    WebhookDelivery {
        id: WebhookDeliveryId::mint(),
        endpoint_id: endpoint.id.clone(),
        event_id: event.id.clone(),
        event_type: event.event_type,
        cause,
        body: None,
        attempts: 0,
        created_at,
        next_try_at,
    }
}

/// Queues the next events of each replay whose events so far were tried. Returns how many deliveries that are.
pub async fn queue_replays(app: &App) -> Result<usize, IdentityError> {
    let mut count = 0;
    for endpoint in app.query(webhook_endpoints::list_replaying).await? {
        let id = endpoint.id.clone();
        if app.query(move |tx| webhook_deliveries::waits_for_replay(tx, &id)).await? {
            continue;
        }
        let go_on = move |tx: &mut Tx<'_>| Ok(go_on(tx, &endpoint)?);
        count += app.transact(&RequestContext::of(Actor::Service), go_on).await?;
    }
    Ok(count)
}

fn go_on(tx: &mut Tx<'_>, endpoint: &WebhookEndpoint) -> Result<usize, StoreError> {
    let Some(endpoint) = webhook_endpoints::lock(tx, &endpoint.id)? else { return Ok(0) };
    let Some(replay) = endpoint.replay() else { return Ok(0) };
    if webhook_deliveries::waits_for_replay(tx, &endpoint.id)? {
        return Ok(0);
    }
    let span = span_of(&endpoint, &replay);
    let events = events::list_of_span(tx, &span, replay.position, REPLAYED_AT_A_TIME)?;
    let now = tx.now;
    let deliveries: Vec<_> = in_order(events.len(), now)
        .zip(&events)
        .map(|(due, event)| delivery(&endpoint, event, WebhookCause::Replay, (now, due)))
        .collect();
    webhook_deliveries::insert(tx, &deliveries)?;
    let next = events.last().map(|event| Replay { position: event.position, ..replay });
    webhook_endpoints::set_replay(tx, &endpoint.id, next)?;
    Ok(deliveries.len())
}

/// The span of a replay: events of its type, or of those that the endpoint gets.
pub(super) fn span_of(endpoint: &WebhookEndpoint, replay: &Replay) -> Span {
    let types: Vec<EventType> = match replay.event_type {
        Some(event_type) => vec![event_type],
        None => endpoint.types.iter().collect(),
    };
    Span { from: replay.from, to: replay.to, types }
}
