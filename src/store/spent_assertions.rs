//! Assertions of machine clients that were used, so that none is accepted twice (RFC 7523 §3).

use diesel::prelude::*;

use super::{
    engine::{Age, AnyConnection, OldRows, StoreError, Transaction},
    schema::spent_assertions,
};
use crate::types::UtcTime;

/// Consumes an assertion. Returns `false` where it was used before: of any number of calls, one gets `true`.
pub fn consume(tx: &mut Transaction<'_>, id: &str, expires_at: UtcTime) -> Result<bool, StoreError> {
    let assertion = (spent_assertions::id.eq(id), spent_assertions::expires_at.eq(expires_at));
    let insert = diesel::insert_into(spent_assertions::table).values(assertion);
    let inserted = match tx.connection {
        AnyConnection::Sqlite(connection) => insert.on_conflict_do_nothing().execute(connection)?,
        AnyConnection::Postgres(connection) => insert.on_conflict_do_nothing().execute(connection)?,
    };
    Ok(inserted == 1)
}

/// Assertions, by the time from which they are refused for their age.
pub const ASSERTIONS: OldRows =
    OldRows { table: "spent_assertions", key: "id", age: Age::Time("expires_at"), condition: "" };
