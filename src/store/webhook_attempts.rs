//! The log of attempts to deliver events.

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction},
    schema::webhook_attempts,
};
use crate::types::{EventId, EventType, UtcTime, WebhookAttemptId, WebhookEndpointId, WebhookOutcome};

/// One attempt, both to insert and as a row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_attempts, treat_none_as_default_value = false)]
pub struct WebhookAttempt {
    /// The id of the attempt.
    pub id: WebhookAttemptId,
    /// The endpoint that was tried.
    pub endpoint_id: WebhookEndpointId,
    /// The event that was sent.
    pub event_id: EventId,
    /// The type of the event.
    pub event_type: EventType,
    /// The number of the attempt: 1 for the first one.
    pub attempt: i32,
    /// How the attempt ended.
    pub outcome: WebhookOutcome,
    /// The status of the answer; `None` where there was none.
    pub status: Option<i32>,
    /// How long the attempt took; `None` where that is not told.
    pub duration_ms: Option<i32>,
    /// When the attempt began.
    pub attempted_at: UtcTime,
}

/// The attempt behind which a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptPlace {
    /// When the attempt began.
    pub attempted_at: UtcTime,
    /// The id of the attempt.
    pub id: String,
}

/// Inserts an attempt.
pub fn insert(tx: &mut Transaction<'_>, attempt: &WebhookAttempt) -> Result<(), StoreError> {
    diesel::insert_into(webhook_attempts::table).values(attempt).execute(tx.connection)?;
    Ok(())
}

/// Lists at most `most` attempts at an endpoint behind a place, the newest first.
pub fn list_behind(
    tx: &mut Transaction<'_>,
    endpoint: &WebhookEndpointId,
    place: &AttemptPlace,
    most: i64,
) -> Result<Vec<WebhookAttempt>, StoreError> {
    let at = webhook_attempts::attempted_at;
    let is_behind =
        at.lt(place.attempted_at).or(at.eq(place.attempted_at).and(webhook_attempts::id.lt(place.id.as_str())));
    Ok(webhook_attempts::table
        .filter(webhook_attempts::endpoint_id.eq(endpoint))
        .filter(at.le(place.attempted_at))
        .filter(is_behind)
        .order((at.desc(), webhook_attempts::id.desc()))
        .limit(most)
        .select(WebhookAttempt::as_select())
        .load(tx.connection)?)
}

/// Finds an attempt at an endpoint by its id.
pub fn find_of(
    tx: &mut Transaction<'_>,
    endpoint: &WebhookEndpointId,
    id: &WebhookAttemptId,
) -> Result<Option<WebhookAttempt>, StoreError> {
    Ok(webhook_attempts::table
        .find(id)
        .filter(webhook_attempts::endpoint_id.eq(endpoint))
        .select(WebhookAttempt::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Attempts, by their time.
pub const LOGGED: OldRows =
    OldRows { table: "webhook_attempts", key: "id", age: Age::Time("attempted_at"), condition: "" };
