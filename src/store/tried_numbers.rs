//! The different customer numbers that a source has tried lately, in an exact sliding window.

use diesel::prelude::*;

use super::{
    allowance::Allowance,
    engine::{Age, AnyConnection, OldRows, StoreError, Transaction, lock_key, update},
    schema::tried_numbers,
};
use crate::{
    config::Limit,
    types::{CustomerNumber, UtcTime},
};

/// Adds a number, or the hash of an address that is asked about in its place, to the window of a key, or says how long to
/// wait until one more fits. A number that is in the window costs nothing.
pub fn admit(tx: &mut Transaction<'_>, key: &str, number: &str, most: Limit) -> Result<Allowance, StoreError> {
    lock_key(tx, "tried_numbers", key)?;
    // There are few rows: numbers that have left the window are deleted every minute. With a condition or an order by
    // time PostgreSQL would, while it has no statistics, look all rows up by their age.
    let tried: Vec<(String, UtcTime)> = tried_numbers::table
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
        // The number has left the window and is not deleted yet.
        let old = tried_numbers::table.find((key, number));
        update(old).set(tried_numbers::tried_at.eq(tx.now)).execute(tx.connection)?;
    }
    Ok(Allowance::Granted)
}

/// Takes a number out of the window of a key.
pub fn forget(tx: &mut Transaction<'_>, key: &str, number: &str) -> Result<(), StoreError> {
    diesel::delete(tried_numbers::table.find((key, number))).execute(tx.connection)?;
    Ok(())
}

/// Takes a number out of every window.
pub fn forget_everywhere(tx: &mut Transaction<'_>, number: &CustomerNumber) -> Result<(), StoreError> {
    diesel::delete(tried_numbers::table.filter(tried_numbers::customer_number.eq(number)))
        .execute(tx.connection)?;
    Ok(())
}

/// Tried numbers, by the time at which they were tried last.
pub const NUMBERS: OldRows =
    OldRows { table: "tried_numbers", key: "key, customer_number", age: Age::Time("tried_at"), condition: "" };
