//! What waits to be sent to webhook endpoints. A row goes once its event is delivered.

use diesel::{prelude::*, sql_query, sql_types::BigInt};

use super::{
    engine::{Age, AnyConnection, OldRows, StoreError, Transaction, lock_key, update},
    schema::{event_positions, webhook_deliveries},
};
use crate::types::{EventId, EventType, UtcTime, WebhookCause, WebhookDeliveryId, WebhookEndpointId};

/// One delivery, both to insert and as a row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_deliveries, treat_none_as_default_value = false)]
pub struct WebhookDelivery {
    /// The id of the delivery.
    pub id: WebhookDeliveryId,
    /// The endpoint that the event is sent to.
    pub endpoint_id: WebhookEndpointId,
    /// The event, which has the same id at every attempt.
    pub event_id: EventId,
    /// The type of the event.
    pub event_type: EventType,
    /// Why the event is sent.
    pub cause: WebhookCause,
    /// The body of a test event. That of any other is made out of the event.
    pub body: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was queued.
    pub created_at: UtcTime,
    /// The earliest time of the next attempt.
    pub next_try_at: UtcTime,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Counts the deliveries to all endpoints, up to `most`.
pub fn count(tx: &mut Transaction<'_>, most: i64) -> Result<i64, StoreError> {
    const COUNT: &str =
        "SELECT COUNT(*) AS count FROM (SELECT 1 AS one FROM webhook_deliveries LIMIT $1) AS queued";
    let count = sql_query(COUNT).bind::<BigInt, _>(most);
    let Counted { count } = match tx.connection {
        AnyConnection::Postgres(connection) => count.get_result(connection)?,
        AnyConnection::Sqlite(connection) => count.get_result(connection)?,
    };
    Ok(count)
}

/// Inserts deliveries.
pub fn insert(tx: &mut Transaction<'_>, new: &[WebhookDelivery]) -> Result<(), StoreError> {
    for rows in new.chunks(ROWS_OF_A_STATEMENT) {
        let table = webhook_deliveries::table;
        match tx.connection {
            AnyConnection::Postgres(connection) => {
                diesel::insert_into(table).values(rows).execute(connection)?;
            }
            AnyConnection::Sqlite(connection) => {
                for row in rows {
                    diesel::insert_into(table).values(row).execute(connection)?;
                }
            }
        }
    }
    Ok(())
}

/// The most rows of one statement.
const ROWS_OF_A_STATEMENT: usize = 500;

/// Lists at most `most` deliveries to an endpoint that are due, those that wait longest first.
pub fn list_due(
    tx: &mut Transaction<'_>,
    endpoint: &WebhookEndpointId,
    most: i64,
) -> Result<Vec<WebhookDelivery>, StoreError> {
    Ok(webhook_deliveries::table
        .filter(webhook_deliveries::endpoint_id.eq(endpoint))
        .filter(webhook_deliveries::next_try_at.le(tx.now))
        .order((webhook_deliveries::next_try_at, webhook_deliveries::id))
        .limit(most)
        .select(WebhookDelivery::as_select())
        .load(tx.connection)?)
}

/// Lists at most `most` test events for an endpoint that are due.
pub fn list_due_tests(
    tx: &mut Transaction<'_>,
    endpoint: &WebhookEndpointId,
    most: i64,
) -> Result<Vec<WebhookDelivery>, StoreError> {
    Ok(webhook_deliveries::table
        .filter(webhook_deliveries::endpoint_id.eq(endpoint))
        .filter(webhook_deliveries::next_try_at.le(tx.now))
        .filter(webhook_deliveries::cause.eq(WebhookCause::Test))
        .order((webhook_deliveries::next_try_at, webhook_deliveries::id))
        .limit(most)
        .select(WebhookDelivery::as_select())
        .load(tx.connection)?)
}

/// Whether an event of a replay waits for its first attempt.
pub fn waits_for_replay(tx: &mut Transaction<'_>, endpoint: &WebhookEndpointId) -> Result<bool, StoreError> {
    let waiting = webhook_deliveries::table
        .filter(webhook_deliveries::endpoint_id.eq(endpoint))
        .filter(webhook_deliveries::cause.eq(WebhookCause::Replay))
        .filter(webhook_deliveries::attempts.eq(0))
        .select(webhook_deliveries::id)
        .limit(1);
    Ok(waiting.first::<WebhookDeliveryId>(tx.connection).optional()?.is_some())
}

/// Deletes a delivery that is finished. Returns `false` where another worker has tried it meanwhile.
pub fn finish(tx: &mut Transaction<'_>, delivery: &WebhookDelivery) -> Result<bool, StoreError> {
    let tried = webhook_deliveries::table
        .filter(webhook_deliveries::id.eq(&delivery.id))
        .filter(webhook_deliveries::attempts.eq(delivery.attempts));
    Ok(diesel::delete(tried).execute(tx.connection)? == 1)
}

/// Stores that a delivery was tried, and when it is tried again. Returns `false` where another worker has tried it
/// meanwhile.
pub fn reschedule(
    tx: &mut Transaction<'_>,
    delivery: &WebhookDelivery,
    next_try_at: UtcTime,
) -> Result<bool, StoreError> {
    let tried = webhook_deliveries::table
        .filter(webhook_deliveries::id.eq(&delivery.id))
        .filter(webhook_deliveries::attempts.eq(delivery.attempts));
    let again = (
        webhook_deliveries::attempts.eq(delivery.attempts.saturating_add(1)),
        webhook_deliveries::next_try_at.eq(next_try_at),
    );
    Ok(update(tried).set(again).execute(tx.connection)? == 1)
}

/// Deletes the test events that wait for an endpoint.
pub fn delete_tests(tx: &mut Transaction<'_>, endpoint: &WebhookEndpointId) -> Result<(), StoreError> {
    let tests = webhook_deliveries::table
        .filter(webhook_deliveries::endpoint_id.eq(endpoint))
        .filter(webhook_deliveries::cause.eq(WebhookCause::Test));
    diesel::delete(tests).execute(tx.connection)?;
    Ok(())
}

/// The key of the row of `event_positions` that tells how far events were queued.
const STREAM: &str = "webhooks";

/// Locks the queueing of events until the transaction ends: one does it at a time.
pub fn lock_queueing(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    lock_key(tx, "events", STREAM)
}

/// The position of the last event that was queued for the endpoints that get it; 0 before the first one.
pub fn queued_up_to(tx: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let row = event_positions::table.find(STREAM).select(event_positions::last_position);
    Ok(row.first(tx.connection).optional()?.unwrap_or(0))
}

/// Stores the position up to which events were queued.
pub fn set_queued_up_to(tx: &mut Transaction<'_>, position: i64) -> Result<(), StoreError> {
    let last = event_positions::last_position.eq(position);
    if update(event_positions::table.find(STREAM)).set(last).execute(tx.connection)? == 0 {
        let row = (event_positions::stream.eq(STREAM), last);
        diesel::insert_into(event_positions::table).values(row).execute(tx.connection)?;
    }
    Ok(())
}

/// Deliveries, by the time at which they were queued.
pub const QUEUED: OldRows =
    OldRows { table: "webhook_deliveries", key: "id", age: Age::Time("created_at"), condition: "" };
