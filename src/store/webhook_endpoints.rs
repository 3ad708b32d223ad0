//! Where machine clients have events sent to.

use diesel::{dsl::exists, prelude::*};

use super::{
    engine::{StoreError, Transaction, update},
    schema::{clients, webhook_deliveries, webhook_endpoints, webhook_keys},
};
use crate::types::{
    ClientId, EventType, Scope, Scopes, UtcTime, WebhookCause, WebhookDescription, WebhookDisabledReason,
    WebhookEndpointId, WebhookSignature, WebhookState, WebhookTypes, WebhookUrl,
};

/// An endpoint to be inserted.
#[derive(Insertable)]
#[diesel(table_name = webhook_endpoints, treat_none_as_default_value = false)]
pub struct NewWebhookEndpoint {
    /// An id that is not used yet.
    pub id: WebhookEndpointId,
    /// The machine client that the endpoint belongs to.
    pub client_id: ClientId,
    /// The address that events are sent to.
    pub url: WebhookUrl,
    /// The types of events that are sent.
    pub types: WebhookTypes,
    /// What the endpoint is for.
    pub description: Option<WebhookDescription>,
    /// Whether events are sent.
    pub state: WebhookState,
    /// How events are signed.
    pub signature: WebhookSignature,
    /// When the endpoint was made.
    pub created_at: UtcTime,
}

/// A row of the table, as its owner sees it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = webhook_endpoints)]
pub struct WebhookEndpoint {
    /// The id of the endpoint.
    pub id: WebhookEndpointId,
    /// The machine client that the endpoint belongs to.
    pub client_id: ClientId,
    /// The address that events are sent to.
    pub url: WebhookUrl,
    /// The types of events that are sent.
    pub types: WebhookTypes,
    /// What the endpoint is for.
    pub description: Option<WebhookDescription>,
    /// Whether events are sent.
    pub state: WebhookState,
    /// Why no events are sent any more.
    pub disabled_reason: Option<WebhookDisabledReason>,
    /// How events are signed.
    pub signature: WebhookSignature,
    /// When the endpoint was made.
    pub created_at: UtcTime,
    /// Since when every attempt has failed.
    pub failing_since: Option<UtcTime>,
    /// The attempts that have failed one after the other.
    pub failures: i32,
    replay_from: Option<UtcTime>,
    replay_to: Option<UtcTime>,
    replay_type: Option<EventType>,
    replay_position: Option<i64>,
}

/// A span of events that is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replay {
    /// The time of the first event.
    pub from: UtcTime,
    /// The time before which the last one happened.
    pub to: UtcTime,
    /// The one type that is sent again; `None` for those of the endpoint.
    pub event_type: Option<EventType>,
    /// The position of the last event that has been queued.
    pub position: i64,
}

impl WebhookEndpoint {
    /// The span of events that is sent again; `None` while none is.
    #[must_use]
    pub fn replay(&self) -> Option<Replay> {
        let (from, to, position) = (self.replay_from?, self.replay_to?, self.replay_position?);
        Some(Replay { from, to, event_type: self.replay_type, position })
    }
}

/// What the owner of an endpoint may change.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// The address that events are sent to.
    pub url: WebhookUrl,
    /// The types of events that are sent.
    pub types: WebhookTypes,
    /// What the endpoint is for.
    pub description: Option<WebhookDescription>,
}

/// How attempts to deliver to an endpoint have gone lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// Since when every attempt has failed.
    pub failing_since: Option<UtcTime>,
    /// The attempts that have failed one after the other.
    pub failures: i32,
    /// Nothing is sent before this time.
    pub paused_until: Option<UtcTime>,
}

impl Condition {
    /// That of an endpoint whose last attempt has succeeded.
    pub const GOOD: Self = Self { failing_since: None, failures: 0, paused_until: None };
}

/// Counts the endpoints in each state.
pub fn count_by_state(tx: &mut Transaction<'_>) -> Result<Vec<(WebhookState, i64)>, StoreError> {
    Ok(webhook_endpoints::table
        .group_by(webhook_endpoints::state)
        .select((webhook_endpoints::state, diesel::dsl::count_star()))
        .load(tx.connection)?)
}

/// Inserts an endpoint.
pub fn insert(tx: &mut Transaction<'_>, new: &NewWebhookEndpoint) -> Result<WebhookEndpoint, StoreError> {
    diesel::insert_into(webhook_endpoints::table).values(new).execute(tx.connection)?;
    let row = webhook_endpoints::table.find(&new.id).select(WebhookEndpoint::as_select());
    Ok(row.first(tx.connection)?)
}

/// Lists the endpoints of a client, the oldest first.
pub fn list_of(tx: &mut Transaction<'_>, client: &ClientId) -> Result<Vec<WebhookEndpoint>, StoreError> {
    Ok(webhook_endpoints::table
        .filter(webhook_endpoints::client_id.eq(client))
        .order((webhook_endpoints::created_at, webhook_endpoints::id))
        .select(WebhookEndpoint::as_select())
        .load(tx.connection)?)
}

/// Finds an endpoint by its id.
pub fn find(tx: &mut Transaction<'_>, id: &WebhookEndpointId) -> Result<Option<WebhookEndpoint>, StoreError> {
    let row = webhook_endpoints::table.find(id).select(WebhookEndpoint::as_select());
    Ok(row.first(tx.connection).optional()?)
}

/// Finds an endpoint by its id, and locks it until the transaction ends.
pub fn lock(tx: &mut Transaction<'_>, id: &WebhookEndpointId) -> Result<Option<WebhookEndpoint>, StoreError> {
    // A write locks the row on PostgreSQL. On SQLite the transaction is the only writer already.
    update(webhook_endpoints::table.find(id))
        .set(webhook_endpoints::url.eq(webhook_endpoints::url))
        .execute(tx.connection)?;
    find(tx, id)
}

/// Stores what the owner of an endpoint has changed.
pub fn set_settings(
    tx: &mut Transaction<'_>,
    id: &WebhookEndpointId,
    settings: &WebhookSettings,
) -> Result<(), StoreError> {
    let changed = (
        webhook_endpoints::url.eq(&settings.url),
        webhook_endpoints::types.eq(&settings.types),
        webhook_endpoints::description.eq(&settings.description),
    );
    update(webhook_endpoints::table.find(id)).set(changed).execute(tx.connection)?;
    Ok(())
}

/// Stores whether an endpoint gets events, and why not. A replay ends unless it does.
pub fn set_state(
    tx: &mut Transaction<'_>,
    id: &WebhookEndpointId,
    state: WebhookState,
    reason: Option<WebhookDisabledReason>,
) -> Result<(), StoreError> {
    let changed = (webhook_endpoints::state.eq(state), webhook_endpoints::disabled_reason.eq(reason));
    update(webhook_endpoints::table.find(id)).set(changed).execute(tx.connection)?;
    if state == WebhookState::Active { Ok(()) } else { set_replay(tx, id, None) }
}

/// Stores how attempts have gone.
pub fn set_condition(
    tx: &mut Transaction<'_>,
    id: &WebhookEndpointId,
    condition: Condition,
) -> Result<(), StoreError> {
    let changed = (
        webhook_endpoints::failing_since.eq(condition.failing_since),
        webhook_endpoints::failures.eq(condition.failures),
        webhook_endpoints::paused_until.eq(condition.paused_until),
    );
    update(webhook_endpoints::table.find(id)).set(changed).execute(tx.connection)?;
    Ok(())
}

/// Lets an endpoint that is paused be tried at once.
pub fn end_pause(tx: &mut Transaction<'_>, id: &WebhookEndpointId) -> Result<(), StoreError> {
    let none = webhook_endpoints::paused_until.eq(None::<UtcTime>);
    update(webhook_endpoints::table.find(id)).set(none).execute(tx.connection)?;
    Ok(())
}

/// Stores which span of events is sent again; `None` for none.
pub fn set_replay(
    tx: &mut Transaction<'_>,
    id: &WebhookEndpointId,
    replay: Option<Replay>,
) -> Result<(), StoreError> {
    let changed = (
        webhook_endpoints::replay_from.eq(replay.map(|replay| replay.from)),
        webhook_endpoints::replay_to.eq(replay.map(|replay| replay.to)),
        webhook_endpoints::replay_type.eq(replay.and_then(|replay| replay.event_type)),
        webhook_endpoints::replay_position.eq(replay.map(|replay| replay.position)),
    );
    update(webhook_endpoints::table.find(id)).set(changed).execute(tx.connection)?;
    Ok(())
}

/// Deletes an endpoint with its keys. What waits for it is sent to nobody, and the upkeep deletes it.
pub fn delete(tx: &mut Transaction<'_>, id: &WebhookEndpointId) -> Result<(), StoreError> {
    diesel::delete(webhook_keys::table.filter(webhook_keys::endpoint_id.eq(id))).execute(tx.connection)?;
    diesel::delete(webhook_endpoints::table.find(id)).execute(tx.connection)?;
    Ok(())
}

/// Deletes the endpoints of a client with their keys, and returns how many there were.
pub fn delete_of(tx: &mut Transaction<'_>, client: &ClientId) -> Result<usize, StoreError> {
    let theirs = list_of(tx, client)?;
    for endpoint in &theirs {
        delete(tx, &endpoint.id)?;
    }
    Ok(theirs.len())
}

/// Lists the endpoints that get events, and of those the ones whose client may have none any more: it was revoked, or has
/// lost the scope.
pub fn list_active(tx: &mut Transaction<'_>) -> Result<ActiveEndpoints, StoreError> {
    let rows: Vec<(WebhookEndpoint, Scopes, Option<UtcTime>)> = webhook_endpoints::table
        .inner_join(clients::table.on(clients::id.eq(webhook_endpoints::client_id)))
        .filter(webhook_endpoints::state.eq(WebhookState::Active))
        .order(webhook_endpoints::id)
        .select((WebhookEndpoint::as_select(), clients::scopes, clients::revoked_at))
        .load(tx.connection)?;
    let (entitled, ended) = rows.into_iter().partition::<Vec<_>, _>(|(_, scopes, revoked_at)| {
        revoked_at.is_none() && scopes.contains(Scope::WebhooksWrite)
    });
    let endpoints = |rows: Vec<(WebhookEndpoint, Scopes, Option<UtcTime>)>| {
        rows.into_iter().map(|(endpoint, ..)| endpoint).collect()
    };
    Ok(ActiveEndpoints { entitled: endpoints(entitled), ended: endpoints(ended) })
}

/// Lists the endpoints to which a span of events is sent again.
pub fn list_replaying(tx: &mut Transaction<'_>) -> Result<Vec<WebhookEndpoint>, StoreError> {
    Ok(webhook_endpoints::table
        .filter(webhook_endpoints::replay_to.is_not_null())
        .order(webhook_endpoints::id)
        .select(WebhookEndpoint::as_select())
        .load(tx.connection)?)
}

/// Endpoints that get events.
pub struct ActiveEndpoints {
    /// Those of clients that may have them.
    pub entitled: Vec<WebhookEndpoint>,
    /// Those of clients that were revoked or have lost the scope.
    pub ended: Vec<WebhookEndpoint>,
}

/// The endpoints that something is due to, and that no worker has. The type of the query is too long to be written.
macro_rules! due {
    ($now:expr) => {{
        let now = $now;
        let is_sent =
            webhook_endpoints::state.eq(WebhookState::Active).or(webhook_deliveries::cause.eq(WebhookCause::Test));
        let waits = webhook_deliveries::table
            .filter(webhook_deliveries::endpoint_id.eq(webhook_endpoints::id))
            .filter(webhook_deliveries::next_try_at.le(now))
            .filter(is_sent);
        webhook_endpoints::table
            .filter(webhook_endpoints::lease_until.is_null().or(webhook_endpoints::lease_until.le(now)))
            .filter(webhook_endpoints::paused_until.is_null().or(webhook_endpoints::paused_until.le(now)))
            .filter(exists(waits))
    }};
}

/// Lists at most `most` endpoints to which something is due: those whose last attempt has succeeded, and then at most
/// `failing` others. Those that a worker delivers to are left out.
pub fn list_due(tx: &mut Transaction<'_>, most: i64, failing: i64) -> Result<Vec<WebhookEndpointId>, StoreError> {
    let mut due: Vec<WebhookEndpointId> = due!(tx.now)
        .filter(webhook_endpoints::failing_since.is_null())
        .select(webhook_endpoints::id)
        .limit(most)
        .load(tx.connection)?;
    let left = i64::try_from(due.len()).map_or(0, |found| most - found);
    let others: Vec<WebhookEndpointId> = due!(tx.now)
        .filter(webhook_endpoints::failing_since.is_not_null())
        .select(webhook_endpoints::id)
        .order(webhook_endpoints::paused_until)
        .limit(failing.min(left))
        .load(tx.connection)?;
    due.extend(others);
    Ok(due)
}

/// Claims an endpoint until a time. Returns `false` where another worker has it.
pub fn claim(tx: &mut Transaction<'_>, id: &WebhookEndpointId, until: UtcTime) -> Result<bool, StoreError> {
    let is_free = webhook_endpoints::lease_until.is_null().or(webhook_endpoints::lease_until.le(tx.now));
    let claimed = webhook_endpoints::table.filter(webhook_endpoints::id.eq(id)).filter(is_free);
    Ok(update(claimed).set(webhook_endpoints::lease_until.eq(Some(until))).execute(tx.connection)? == 1)
}

/// Replaces the end of a lease that is held, or gives it back with `None`. Returns `false` where it is not held any more,
/// or the endpoint is deleted.
pub fn renew(
    tx: &mut Transaction<'_>,
    id: &WebhookEndpointId,
    held_until: UtcTime,
    until: Option<UtcTime>,
) -> Result<bool, StoreError> {
    let held = webhook_endpoints::table
        .filter(webhook_endpoints::id.eq(id))
        .filter(webhook_endpoints::lease_until.eq(Some(held_until)));
    Ok(update(held).set(webhook_endpoints::lease_until.eq(until)).execute(tx.connection)? == 1)
}
