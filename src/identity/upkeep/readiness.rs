//! Whether the database answers and has the tables that this version needs.

use crate::{app::App, store::jobs, types::Fault};

/// The number of jobs in the queue. Any answer at all shows that the database can be used.
pub async fn count_waiting_jobs(app: &App) -> Result<i64, Fault> {
    Ok(app.query(jobs::count).await?)
}
