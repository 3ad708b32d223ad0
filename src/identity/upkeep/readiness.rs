//! Whether the database answers and has the tables that this version needs.

use crate::{app::App, store::jobs, types::Fault};

/// The number of jobs that wait for their turn. An answer at all means that the database can be worked with.
pub async fn count_waiting_jobs(app: &App) -> Result<i64, Fault> {
    Ok(app.database.query(jobs::count).await?)
}
