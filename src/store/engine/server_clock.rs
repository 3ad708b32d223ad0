//! The clock of the database server, which the instances that share the database follow (OP-04).

use diesel::{RunQueryDsl as _, sql_query, sql_types::Timestamp};

use super::{AnyConnection, StoreError, Transaction};
use crate::types::UtcTime;

#[derive(diesel::QueryableByName)]
struct ServerTime {
    #[diesel(sql_type = Timestamp)]
    now: UtcTime,
}

/// Reads the clock of the server; `None` on SQLite, which uses the clock of this machine.
pub fn server_time(tx: &mut Transaction<'_>) -> Result<Option<UtcTime>, StoreError> {
    let AnyConnection::Postgres(connection) = tx.connection else { return Ok(None) };
    let moment: ServerTime =
        sql_query("SELECT clock_timestamp() AT TIME ZONE 'UTC' AS now").get_result(connection)?;
    Ok(Some(moment.now))
}
