//! Locks on keys that may have no row yet.

use diesel::{
    RunQueryDsl as _, define_sql_function, select,
    sql_types::{Integer, Text},
};

use super::{AnyConnection, StoreError, Transaction};

define_sql_function! {
    /// PostgreSQL's hash of a text.
    fn hashtext(text: Text) -> Integer;
}
define_sql_function! {
    /// Waits for a lock that ends with the transaction. PostgreSQL returns no value, so the result is never read.
    fn pg_advisory_xact_lock(of: Integer, key: Integer) -> Bool;
}

/// Locks `key` until the transaction ends, and reads the clock again: the wait may have been long. SQLite needs neither,
/// since one transaction writes at a time and reads the clock once it may.
pub(in crate::store) fn lock_key(tx: &mut Transaction<'_>, of: &'static str, key: &str) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(connection) = tx.connection {
        // Two keys with the same hash wait for each other without need, which does no harm. In this form the statement
        // is prepared once for each connection.
        select(pg_advisory_xact_lock(hashtext(of), hashtext(key))).execute(connection)?;
        tx.read_clock();
    }
    Ok(())
}
