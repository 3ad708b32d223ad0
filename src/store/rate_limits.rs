//! How often something may be done: the generic cell rate algorithm (ITU-T I.371), one row a key, shared by all
//! instances.

use chrono::TimeDelta;
use diesel::{dsl::case_when, prelude::*};

use super::{AnyConnection, StoreError, schema::rate_limits};
use crate::{config::Limit, types::UtcTime};

/// Takes one, or says how long to wait for the next. Takers of the same key come one after the other: each holds the
/// key's row until its transaction ends.
pub fn take(
    connection: &mut AnyConnection,
    key: &str,
    limit: Limit,
    now: UtcTime,
) -> Result<Result<(), TimeDelta>, StoreError> {
    let moment = now.and_utc().timestamp_micros();
    let interval = (limit.period / limit.count.max(1)).num_microseconds().unwrap_or(i64::MAX);
    let latest =
        moment.saturating_add(limit.period.num_microseconds().unwrap_or(i64::MAX)).saturating_sub(interval);
    let first = moment.saturating_add(interval);
    let take_again = |connection: &mut AnyConnection| {
        // The sum keeps PostgreSQL, while it has no statistics, from looking all rows up by their end.
        let has_room = (rate_limits::empty_at + 0).le(latest);
        let room = rate_limits::table.filter(rate_limits::key.eq(key)).filter(has_room);
        let later = rate_limits::empty_at + interval;
        let empty_at = case_when(rate_limits::empty_at.gt(moment), later).otherwise(first);
        diesel::update(room).set(rate_limits::empty_at.eq(empty_at)).execute(connection)
    };
    // Somebody may have been the first in between: then there is something to take from now.
    let taken = take_again(connection)? == 1 || begin(connection, key, first)? || take_again(connection)? == 1;
    if taken {
        return Ok(Ok(()));
    }
    let empty_at: Option<i64> =
        rate_limits::table.find(key).select(rate_limits::empty_at).first(connection).optional()?;
    let wait = empty_at.map_or(0, |empty_at| empty_at.saturating_sub(latest));
    Ok(Err(TimeDelta::microseconds(wait.max(1))))
}

fn begin(connection: &mut AnyConnection, key: &str, empty_at: i64) -> Result<bool, StoreError> {
    let row = (rate_limits::key.eq(key), rate_limits::empty_at.eq(empty_at));
    let inserted = match connection {
        AnyConnection::Sqlite(connection) => {
            diesel::insert_into(rate_limits::table).values(row).on_conflict_do_nothing().execute(connection)?
        }
        AnyConnection::Postgres(connection) => {
            diesel::insert_into(rate_limits::table).values(row).on_conflict_do_nothing().execute(connection)?
        }
    };
    Ok(inserted == 1)
}

/// Forgets what limits nobody any more.
pub fn delete_empty(connection: &mut AnyConnection, now: UtcTime) -> Result<usize, StoreError> {
    let empty = rate_limits::table.filter(rate_limits::empty_at.le(now.and_utc().timestamp_micros()));
    Ok(diesel::delete(empty).execute(connection)?)
}
