//! Taking turns on something that may have no row yet.

use diesel::{RunQueryDsl as _, sql_query, sql_types::Text};

use super::{AnyConnection, StoreError};

/// Makes concurrent transactions take turns on `key` until they end. SQLite has one writer at a time anyway.
pub(super) fn take(connection: &mut AnyConnection, of: &'static str, key: &str) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(connection) = connection {
        // Two keys with the same hash wait for each other now and then, and nothing worse.
        sql_query("SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))")
            .bind::<Text, _>(of)
            .bind::<Text, _>(key)
            .execute(connection)?;
    }
    Ok(())
}
