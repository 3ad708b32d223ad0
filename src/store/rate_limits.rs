//! How often something may be done: the generic cell rate algorithm (ITU-T I.371), one row a key, shared by all
//! instances.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{AnyConnection, StoreError, schema::rate_limits, turns};
use crate::types::UtcTime;

/// So many at once, and as many again within each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many; at least one.
    pub count: i32,
    /// In how long.
    pub period: TimeDelta,
}

/// Takes one, or says how long to wait for the next.
pub fn take(
    connection: &mut AnyConnection,
    key: &str,
    rate: Rate,
    now: UtcTime,
) -> Result<Result<(), TimeDelta>, StoreError> {
    turns::take(connection, "rate_limits", key)?;
    let row = rate_limits::table.find(key);
    let stored: Option<UtcTime> = row.select(rate_limits::empty_at).first(connection).optional()?;
    let empty_at = stored.map_or(now, |stored| stored.max(now)) + rate.period / rate.count.max(1);
    let over = empty_at - now - rate.period;
    if over > TimeDelta::zero() {
        return Ok(Err(over));
    }
    match stored {
        Some(_) => diesel::update(row).set(rate_limits::empty_at.eq(empty_at)).execute(connection)?,
        None => diesel::insert_into(rate_limits::table)
            .values((rate_limits::key.eq(key), rate_limits::empty_at.eq(empty_at)))
            .execute(connection)?,
    };
    Ok(Ok(()))
}

/// Forgets what limits nobody any more.
pub fn delete_empty(connection: &mut AnyConnection, now: UtcTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(rate_limits::table.filter(rate_limits::empty_at.le(now))).execute(connection)?)
}
