//! What happened, for the systems that keep in step with it.
//!
//! An event is written in the transaction of what it tells, and has a `seq` from then on. Transactions commit in another
//! order than they write in, so a reader who followed `seq` would miss the events that become visible behind him. So a
//! committed event is published in a step of its own, which gives it a `position`. Positions have no gaps, and an event
//! never appears behind one that was there before.

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Nullable, Text, Timestamp},
};

use super::{
    engine::{Age, AnyConnection, OldRows, StoreError, Transaction, lock_key, update},
    schema::{event_positions, events},
};
use crate::types::{
    AccountId, EventId, EventType, UtcTime, text_column,
    told::{EventBody, Told},
};

/// An event to insert.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub struct NewEvent {
    id: EventId,
    event_type: EventType,
    account_id: Option<AccountId>,
    occurred_at: UtcTime,
    data: EventData,
    /// Whether it is there only so that the same is written for every customer number (RQ-02).
    pub(super) decoy: bool,
}

impl NewEvent {
    /// An event that tells this.
    pub fn of(told: &Told, occurred_at: UtcTime) -> Result<Self, StoreError> {
        let members = told.members().map_err(|error| StoreError::Unwritable(error.into()))?;
        let account_id = members.get("account_id").and_then(serde_json::Value::as_str);
        Ok(Self {
            id: EventId::mint_event(),
            event_type: told.event_type(),
            account_id: account_id.map(|id| AccountId::from_text(id.to_owned())),
            occurred_at,
            data: EventData::of(members),
            decoy: false,
        })
    }
}

/// The `data` of an event: a JSON object of ids and reasons, without addresses and customer numbers.
#[derive(Debug, Clone, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct EventData {
    text: String,
}

impl EventData {
    /// The data with these members.
    #[must_use]
    pub fn of(members: serde_json::Map<String, serde_json::Value>) -> Self {
        Self { text: serde_json::Value::Object(members).to_string() }
    }

    /// Reads a stored text.
    fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(Self::of)
    }

    /// The JSON text. It is the same whenever it is read, so that a signature over it stays valid.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The object as a value.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

text_column!(EventData);

/// An event that readers see.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct PublishedEvent {
    /// The place in the order of all events. The first one is 1, and there are no gaps.
    pub position: i64,
    /// The id, which is the same at every delivery.
    pub id: EventId,
    /// What it tells.
    pub event_type: EventType,
    /// The account that it is about.
    pub account_id: Option<AccountId>,
    /// When it happened.
    pub occurred_at: UtcTime,
    /// What the type of the event wants told.
    pub data: EventData,
}

impl PublishedEvent {
    /// The event as other systems get it.
    #[must_use]
    pub fn to_body(&self) -> EventBody {
        EventBody::new(&self.id, self.event_type, self.occurred_at, self.data.to_value())
    }
}

/// The columns of a published event, in the order of its fields.
macro_rules! published_columns {
    () => {
        (
            events::position.assume_not_null(),
            events::id,
            events::event_type,
            events::account_id,
            events::occurred_at,
            events::data,
        )
    };
}

/// Inserts events, in the transaction of what they tell.
pub fn insert(tx: &mut Transaction<'_>, new: &[NewEvent]) -> Result<(), StoreError> {
    let table = events::table;
    match (&mut *tx.connection, new) {
        (_, []) => (),
        // Prepared once for each connection, unlike a statement with any number of rows.
        (AnyConnection::Postgres(connection), [event]) => {
            diesel::insert_into(table).values(event).execute(connection)?;
        }
        (AnyConnection::Postgres(connection), events) => {
            diesel::insert_into(table).values(events).execute(connection)?;
        }
        (AnyConnection::Sqlite(connection), events) => {
            for event in events {
                diesel::insert_into(table).values(event).execute(connection)?;
            }
        }
    }
    Ok(())
}

/// Lists at most `limit` published events behind a position, in their order: those of these types, or of every type where
/// none is named.
pub fn list_after(
    tx: &mut Transaction<'_>,
    position: i64,
    types: &[EventType],
    limit: i64,
) -> Result<Vec<PublishedEvent>, StoreError> {
    let behind = events::table.filter(events::position.gt(position)).order(events::position).limit(limit);
    let behind = behind.select(published_columns!());
    if types.is_empty() {
        return Ok(behind.load(tx.connection)?);
    }
    Ok(behind.filter(events::event_type.eq_any(types)).load(tx.connection)?)
}

/// Lists the published events with these ids, in no order.
pub fn list_published(tx: &mut Transaction<'_>, ids: &[EventId]) -> Result<Vec<PublishedEvent>, StoreError> {
    let theirs = events::table.filter(events::id.eq_any(ids)).filter(events::position.is_not_null());
    Ok(theirs.select(published_columns!()).load(tx.connection)?)
}

/// Lists which of these events the database has, published or not.
pub fn list_known(tx: &mut Transaction<'_>, ids: &[EventId]) -> Result<Vec<EventId>, StoreError> {
    Ok(events::table.filter(events::id.eq_any(ids)).select(events::id).load(tx.connection)?)
}

/// Finds the published event with the last position, and when it happened.
pub fn find_newest(tx: &mut Transaction<'_>) -> Result<Option<(EventId, UtcTime)>, StoreError> {
    let published = events::table.filter(events::position.is_not_null()).order(events::position.desc());
    Ok(published.select((events::id, events::occurred_at)).first(tx.connection).optional()?)
}

/// Finds a published event by its id.
pub fn find_published(tx: &mut Transaction<'_>, id: &EventId) -> Result<Option<PublishedEvent>, StoreError> {
    Ok(events::table
        .filter(events::id.eq(id))
        .filter(events::position.is_not_null())
        .select(published_columns!())
        .first(tx.connection)
        .optional()?)
}

/// Events that happened within a span of time.
#[derive(Debug, Clone)]
pub struct Span {
    /// The time of the first event.
    pub from: UtcTime,
    /// The time before which the last one happened.
    pub to: UtcTime,
    /// Those of these types; of every type where none is named.
    pub types: Vec<EventType>,
}

/// Lists at most `limit` published events of a span behind a position, in their order.
pub fn list_of_span(
    tx: &mut Transaction<'_>,
    span: &Span,
    position: i64,
    limit: i64,
) -> Result<Vec<PublishedEvent>, StoreError> {
    let within = events::table
        .filter(events::occurred_at.ge(span.from))
        .filter(events::occurred_at.lt(span.to))
        .filter(events::position.gt(position))
        .order(events::position)
        .limit(limit)
        .select(published_columns!());
    if span.types.is_empty() {
        return Ok(within.load(tx.connection)?);
    }
    Ok(within.filter(events::event_type.eq_any(&span.types)).load(tx.connection)?)
}

/// Counts the published events of a span.
pub fn count_of_span(tx: &mut Transaction<'_>, span: &Span) -> Result<i64, StoreError> {
    let within = events::table
        .filter(events::occurred_at.ge(span.from))
        .filter(events::occurred_at.lt(span.to))
        .filter(events::position.is_not_null())
        .count();
    if span.types.is_empty() {
        return Ok(within.get_result(tx.connection)?);
    }
    Ok(within.filter(events::event_type.eq_any(&span.types)).get_result(tx.connection)?)
}

/// The last position that was given; 0 before the first one.
pub fn last_position(tx: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let given = event_positions::table.find(STREAM).select(event_positions::last_position);
    Ok(given.first(tx.connection).optional()?.unwrap_or(0))
}

/// Finds the id of the event at a position; `None` where it was forgotten, or is not there yet.
pub fn find_id_at(tx: &mut Transaction<'_>, position: i64) -> Result<Option<EventId>, StoreError> {
    let there = events::table.filter(events::position.eq(position)).select(events::id);
    Ok(there.first(tx.connection).optional()?)
}

/// The lowest position that is kept, of an event that was not forgotten.
pub fn first_position(tx: &mut Transaction<'_>) -> Result<Option<i64>, StoreError> {
    let published = events::table.filter(events::position.is_not_null()).order(events::position);
    Ok(published.select(events::position.assume_not_null()).first(tx.connection).optional()?)
}

/// Whether an event waits for its publication.
pub fn are_unpublished(tx: &mut Transaction<'_>) -> Result<bool, StoreError> {
    let waiting = events::table.filter(events::position.is_null()).select(events::seq).limit(1);
    Ok(waiting.first::<i64>(tx.connection).optional()?.is_some())
}

/// Publishes the oldest committed events that have no position, at most `most`: gives them the next positions, in the
/// order in which they were written, and returns them in it. Decoys among them are deleted.
///
/// One transaction publishes at a time. What it gives becomes visible all at once, so a reader who sees a position sees
/// every lower one. Transactions about one account wait for each other before they write, so a later one has the later
/// `seq` and is never seen without the earlier one: the events of an account are published in the order of its acts.
pub fn publish(tx: &mut Transaction<'_>, most: i64) -> Result<Vec<PublishedEvent>, StoreError> {
    lock_key(tx, "events", STREAM)?;
    let waiting: Vec<(i64, bool)> = events::table
        .filter(events::position.is_null())
        .order(events::seq)
        .limit(most)
        .select((events::seq, events::decoy))
        .load(tx.connection)?;
    let (decoys, real): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, decoy)| *decoy);
    if !decoys.is_empty() {
        let seqs: Vec<i64> = decoys.into_iter().map(|(seq, _)| seq).collect();
        diesel::delete(events::table.filter(events::seq.eq_any(seqs))).execute(tx.connection)?;
    }
    let Some((last, _)) = real.last() else { return Ok(Vec::new()) };
    let given = GivePositions { above: last_position(tx)?, last: *last };
    let mut published: Vec<PublishedEvent> = match tx.connection {
        AnyConnection::Sqlite(connection) => given.load(connection)?,
        AnyConnection::Postgres(connection) => given.load(connection)?,
    };
    published.sort_by_key(|event| event.position);
    if let Some(newest) = published.last() {
        set_last_position(tx, newest.position)?;
    }
    Ok(published)
}

fn set_last_position(tx: &mut Transaction<'_>, position: i64) -> Result<(), StoreError> {
    let last = event_positions::last_position.eq(position);
    if update(event_positions::table.find(STREAM)).set(last).execute(tx.connection)? == 0 {
        let row = (event_positions::stream.eq(STREAM), last);
        diesel::insert_into(event_positions::table).values(row).execute(tx.connection)?;
    }
    Ok(())
}

/// The key of the one row of `event_positions`.
const STREAM: &str = "events";

/// Gives the next positions to the events without one, up to a `seq`, in the order of `seq`. An event that was committed
/// since they were looked for is among them, however low its `seq` is: an event of a later act may be among them too, and
/// must not come first.
struct GivePositions {
    /// The last position that was given.
    above: i64,
    last: i64,
}

impl QueryId for GivePositions {
    // Diesel caches the statement by its text.
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for GivePositions {
    type SqlType = (BigInt, Text, Text, Nullable<Text>, Timestamp, Text);
}

impl<DB> QueryFragment<DB> for GivePositions
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE events SET position = place.position FROM (SELECT seq, ");
        out.push_bind_param::<BigInt, _>(&self.above)?;
        out.push_sql(" + row_number() OVER (ORDER BY seq) AS position FROM events");
        out.push_sql(" WHERE position IS NULL AND NOT decoy AND seq <= ");
        out.push_bind_param::<BigInt, _>(&self.last)?;
        out.push_sql(
            ") AS place WHERE events.seq = place.seq RETURNING events.position, id, event_type, account_id, ",
        );
        out.push_sql("occurred_at, data");
        Ok(())
    }
}

impl<Connection> RunQueryDsl<Connection> for GivePositions {}

/// Published events, by their time.
pub const PUBLISHED: OldRows =
    OldRows { table: "events", key: "seq", age: Age::Time("occurred_at"), condition: "position IS NOT NULL" };
