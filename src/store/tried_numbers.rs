//! How many different customer numbers somebody has tried of late: an exact sliding window.

use diesel::prelude::*;

use super::{
    allowance::Allowance,
    engine::{AnyConnection, StoreError, Transaction, lock_key, update},
    schema::tried_numbers,
};
use crate::{
    config::Limit,
    types::{CustomerNumber, UtcTime},
};

/// Notes that the number is tried under the key, or says how long to wait for room for one more. A number that is in
/// the window already is free.
pub fn note(
    tx: &mut Transaction<'_>,
    key: &str,
    number: &CustomerNumber,
    most: Limit,
) -> Result<Allowance, StoreError> {
    lock_key(tx, "tried_numbers", key)?;
    // Few rows: what has left the window is forgotten every minute. A condition or an order by time would have PostgreSQL,
    // while it has no statistics, look all rows up by their age.
    let tried: Vec<(CustomerNumber, UtcTime)> = tried_numbers::table
        .filter(tried_numbers::key.eq(key))
        .select((tried_numbers::customer_number, tried_numbers::tried_at))
        .load(tx.connection)?;
    let since = tx.now - most.period;
    let in_window = || tried.iter().filter(|(_, tried_at)| *tried_at > since);
    if in_window().any(|(tried, _)| tried == number) {
        return Ok(Allowance::Granted);
    }
    let room = usize::try_from(most.count).unwrap_or(0);
    if in_window().count() >= room {
        let wait = in_window().map(|(_, tried_at)| *tried_at + most.period - tx.now).min();
        return Ok(Allowance::Exhausted(wait.unwrap_or(most.period)));
    }
    let row =
        (tried_numbers::key.eq(key), tried_numbers::customer_number.eq(number), tried_numbers::tried_at.eq(tx.now));
    let insert = diesel::insert_into(tried_numbers::table).values(row).on_conflict_do_nothing();
    let inserted = match tx.connection {
        AnyConnection::Sqlite(connection) => insert.execute(connection)?,
        AnyConnection::Postgres(connection) => insert.execute(connection)?,
    };
    if inserted == 0 {
        // It has left the window and is not forgotten yet.
        let old = tried_numbers::table.find((key, number));
        update(old).set(tried_numbers::tried_at.eq(tx.now)).execute(tx.connection)?;
    }
    Ok(Allowance::Granted)
}

/// Takes a number back.
pub fn forget(tx: &mut Transaction<'_>, key: &str, number: &CustomerNumber) -> Result<(), StoreError> {
    diesel::delete(tried_numbers::table.find((key, number))).execute(tx.connection)?;
    Ok(())
}

/// Forgets what was tried before.
pub fn delete_old(tx: &mut Transaction<'_>, tried_before: UtcTime) -> Result<usize, StoreError> {
    let old = tried_numbers::table.filter(tried_numbers::tried_at.le(tried_before));
    Ok(diesel::delete(old).execute(tx.connection)?)
}
