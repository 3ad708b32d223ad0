//! The clock that the service follows.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::{
    store::{Database, StoreError, server_time},
    types::{Clock, Fault},
};

/// Smaller differences may come from the time that the answer takes.
const NEGLIGIBLE: TimeDelta = TimeDelta::milliseconds(500);

/// Follows the database server's clock, by which all instances agree (OP-04), or on SQLite that of the machine.
pub(crate) async fn follow(database: &Database, clock: &Arc<dyn Clock>) -> Result<(), Fault> {
    let own = clock.clone();
    let of_server = database
        .read(move |tx| -> Result<_, StoreError> {
            // The clock is read directly around the query: the wait for a connection must not count.
            let before = own.now();
            let server_time = server_time(tx)?;
            // The server is taken to have answered half-way between the two readings.
            Ok(server_time.map(|server_time| server_time - (before + (own.now() - before) / 2)))
        })
        .await?;
    let of_machine = clock.machine_time().map(|machine_time| machine_time - clock.now());
    let Some(difference) = of_server.or(of_machine) else { return Ok(()) };
    if difference.abs() > NEGLIGIBLE {
        tracing::warn!(
            milliseconds = difference.num_milliseconds(),
            "the clock of the service differs from the one that it follows, and is set"
        );
        clock.adjust_by(difference);
    }
    Ok(())
}
