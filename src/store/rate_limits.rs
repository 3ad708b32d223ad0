//! Rate limits by the generic cell rate algorithm (ITU-T I.371). A key has one row, which all instances share.

use chrono::TimeDelta;
use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Text},
};

use super::{
    allowance::{Allowance, Quota},
    engine::{Age, AnyConnection, OldRows, StoreError, Transaction},
    schema::rate_limits,
};
use crate::{config::Limit, types::UtcTime};

/// Takes a token of a key, or says how long to wait for the next. Transactions that take from the same key run one
/// after the other: each locks the row of the key until it ends.
pub fn take_token(tx: &mut Transaction<'_>, key: &str, limit: Limit) -> Result<Allowance, StoreError> {
    take_token_at(tx, key, limit, tx.now)
}

/// Forgets what was taken of keys.
pub fn forget(tx: &mut Transaction<'_>, keys: &[String]) -> Result<(), StoreError> {
    diesel::delete(rate_limits::table.filter(rate_limits::key.eq_any(keys))).execute(tx.connection)?;
    Ok(())
}

/// As [`take_token`], as of a time that may be past: what waited to be counted is counted at its own time.
pub fn take_token_at(
    tx: &mut Transaction<'_>,
    key: &str,
    limit: Limit,
    at: UtcTime,
) -> Result<Allowance, StoreError> {
    let take = Take::new(key, limit, at);
    let taken = match tx.connection {
        AnyConnection::Sqlite(connection) => take.execute(connection)?,
        AnyConnection::Postgres(connection) => take.execute(connection)?,
    };
    if taken == 1 { Ok(Allowance::Granted) } else { Ok(Allowance::Exhausted(wait_of(tx, &take)?)) }
}

/// As [`take_token`], and says what is left. It costs the same one statement while there is something left.
pub fn take_quota(tx: &mut Transaction<'_>, key: &str, limit: Limit) -> Result<(Allowance, Quota), StoreError> {
    let take = Take::new(key, limit, tx.now);
    let returning = TakeReturning(&take);
    let empty_at: Option<i64> = match tx.connection {
        AnyConnection::Sqlite(connection) => returning.get_result(connection).optional()?,
        AnyConnection::Postgres(connection) => returning.get_result(connection).optional()?,
    };
    let Some(empty_at) = empty_at else {
        let wait = wait_of(tx, &take)?;
        return Ok((Allowance::Exhausted(wait), Quota::exhausted(limit, wait)));
    };
    let room = take.latest.saturating_sub(empty_at);
    // One more fits where `empty_at` is not after `latest`, and each takes an interval of the room.
    let remaining = room.checked_div(take.interval).filter(|_| room >= 0).map_or(0, |fitting| fitting + 1);
    let renewed_in = if remaining > 0 { empty_at.saturating_sub(take.moment) } else { -room };
    Ok((Allowance::Granted, Quota { limit, remaining, renewed_in: TimeDelta::microseconds(renewed_in) }))
}

/// How long a key without a token has to wait for the next.
fn wait_of(tx: &mut Transaction<'_>, take: &Take<'_>) -> Result<TimeDelta, StoreError> {
    let empty_at: Option<i64> =
        rate_limits::table.find(take.key).select(rate_limits::empty_at).first(tx.connection).optional()?;
    let wait = empty_at.map_or(0, |empty_at| empty_at.saturating_sub(take.latest));
    Ok(TimeDelta::microseconds(wait.max(1)))
}

/// Takes a token where there is one, in one statement whether the key is new or not. Every call of an unknown source
/// makes two of them, and diesel prepares an `on_conflict().do_update()` each time, which costs another round trip.
#[derive(Clone, Copy)]
struct Take<'a> {
    key: &'a str,
    moment: i64,
    interval: i64,
    first: i64,
    latest: i64,
}

impl<'a> Take<'a> {
    fn new(key: &'a str, limit: Limit, at: UtcTime) -> Self {
        let moment = at.and_utc().timestamp_micros();
        let interval = (limit.period / limit.count.max(1)).num_microseconds().unwrap_or(i64::MAX);
        let latest =
            moment.saturating_add(limit.period.num_microseconds().unwrap_or(i64::MAX)).saturating_sub(interval);
        Self { key, moment, interval, first: moment.saturating_add(interval), latest }
    }
}

impl QueryId for Take<'_> {
    type QueryId = Take<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<DB> QueryFragment<DB> for Take<'_>
where
    DB: Backend,
    str: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("INSERT INTO rate_limits (key, empty_at) SELECT ");
        out.push_bind_param::<Text, _>(self.key)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.first)?;
        // Without a token the row is not touched: `DO UPDATE` locks it even where its condition refuses it, and a
        // refused call must not make others wait.
        out.push_sql(" WHERE NOT EXISTS (SELECT 1 FROM rate_limits own WHERE own.key = ");
        out.push_bind_param::<Text, _>(self.key)?;
        out.push_sql(" AND own.empty_at + 0 > ");
        out.push_bind_param::<BigInt, _>(&self.latest)?;
        // The later of the two: a bucket that has run empty starts from now.
        out.push_sql(") ON CONFLICT (key) DO UPDATE SET empty_at = CASE WHEN rate_limits.empty_at + ");
        out.push_bind_param::<BigInt, _>(&self.interval)?;
        out.push_sql(" > excluded.empty_at THEN rate_limits.empty_at + ");
        out.push_bind_param::<BigInt, _>(&self.interval)?;
        out.push_sql(" ELSE excluded.empty_at END WHERE rate_limits.empty_at <= ");
        out.push_bind_param::<BigInt, _>(&self.latest)
    }
}

impl<Connection> RunQueryDsl<Connection> for Take<'_> {}

/// As [`Take`], with the row that it writes.
struct TakeReturning<'a>(&'a Take<'a>);

impl QueryId for TakeReturning<'_> {
    type QueryId = TakeReturning<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for TakeReturning<'_> {
    type SqlType = BigInt;
}

impl<DB> QueryFragment<DB> for TakeReturning<'_>
where
    DB: Backend,
    str: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" RETURNING empty_at");
        Ok(())
    }
}

impl<Connection> RunQueryDsl<Connection> for TakeReturning<'_> {}

/// Deletes a key, which limits no call from then on.
pub fn delete(tx: &mut Transaction<'_>, key: &str) -> Result<(), StoreError> {
    diesel::delete(rate_limits::table.find(key)).execute(tx.connection)?;
    Ok(())
}

/// Keys, by the time from which they limit no call any more.
pub const KEYS: OldRows =
    OldRows { table: "rate_limits", key: "key", age: Age::Microseconds("empty_at"), condition: "" };
