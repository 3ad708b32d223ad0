//! Reset requests that led to no mail of their own, counted by number, hour and reason, so that a flood adds few
//! rows.

use chrono::{DurationRound as _, TimeDelta};
use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, update},
    reset_requests::RequestOutcome,
    schema::swallowed_requests::{self, dsl as columns},
};
use crate::types::{CustomerNumber, UtcTime};

/// The requests that were swallowed within one hour for one reason.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = swallowed_requests, treat_none_as_default_value = false)]
pub struct SwallowedRequests {
    /// The customer number as submitted.
    pub customer_number: CustomerNumber,
    /// The beginning of the hour.
    pub hour: UtcTime,
    /// Why the requests were swallowed.
    pub outcome: RequestOutcome,
    /// How many requests were swallowed.
    pub requests: i32,
    /// When the first of the requests came.
    pub first_at: UtcTime,
    /// When the last of the requests came.
    pub last_at: UtcTime,
}

/// Counts a swallowed request. The caller holds the lock of the number.
pub fn count(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    outcome: RequestOutcome,
    requested_at: UtcTime,
) -> Result<(), StoreError> {
    let hour = requested_at.duration_trunc(TimeDelta::hours(1)).unwrap_or(requested_at);
    let row = swallowed_requests::table.find((number, hour, outcome));
    let counted = row.select(SwallowedRequests::as_select()).first(tx.connection).optional()?;
    if let Some(counted) = counted {
        // Jobs start with a random delay and may overtake each other.
        update(row)
            .set((
                columns::requests.eq(counted.requests.saturating_add(1)),
                columns::first_at.eq(counted.first_at.min(requested_at)),
                columns::last_at.eq(counted.last_at.max(requested_at)),
            ))
            .execute(tx.connection)?;
    } else {
        let first = SwallowedRequests {
            customer_number: number.clone(),
            hour,
            outcome,
            requests: 1,
            first_at: requested_at,
            last_at: requested_at,
        };
        diesel::insert_into(swallowed_requests::table).values(first).execute(tx.connection)?;
    }
    Ok(())
}

/// Lists the requests of a number that were swallowed since a time, the newest first.
pub fn list_since(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    since: UtcTime,
) -> Result<Vec<SwallowedRequests>, StoreError> {
    Ok(swallowed_requests::table
        .filter(columns::customer_number.eq(number))
        .filter(columns::last_at.ge(since))
        .order((columns::last_at.desc(), columns::outcome))
        .select(SwallowedRequests::as_select())
        .load(tx.connection)?)
}

/// Deletes the counts of a number.
pub fn delete_of(tx: &mut Transaction<'_>, number: &CustomerNumber) -> Result<(), StoreError> {
    diesel::delete(swallowed_requests::table.filter(columns::customer_number.eq(number))).execute(tx.connection)?;
    Ok(())
}

/// Counts, by their hour.
pub const COUNTS: OldRows = OldRows {
    table: "swallowed_requests",
    key: "customer_number, hour, outcome",
    age: Age::Time("hour"),
    condition: "",
};
