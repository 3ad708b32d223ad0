//! The database's clock, by which the instances that share the database agree (OP-04).

use diesel::{RunQueryDsl as _, sql_query, sql_types::Timestamp};

use super::{AnyConnection, StoreError, Transaction};
use crate::types::UtcTime;

#[derive(diesel::QueryableByName)]
struct Moment {
    #[diesel(sql_type = Timestamp)]
    now: UtcTime,
}

/// What the server's clock says. `None` on SQLite, whose clock is this machine's.
pub fn server_time(tx: &mut Transaction<'_>) -> Result<Option<UtcTime>, StoreError> {
    let AnyConnection::Postgres(connection) = tx.connection else { return Ok(None) };
    let moment: Moment = sql_query("SELECT clock_timestamp() AT TIME ZONE 'UTC' AS now").get_result(connection)?;
    Ok(Some(moment.now))
}
