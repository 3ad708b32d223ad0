//! Whether the database answers and has the tables that this version needs, and how much work waits.

use crate::{app::App, store::jobs, types::Fault};

/// Confirms that the database can be used. It costs the same however much work waits.
pub async fn check_readiness(app: &App) -> Result<(), Fault> {
    Ok(app.query(jobs::check).await?)
}

/// Counts the jobs in the queue.
pub async fn count_waiting_jobs(app: &App) -> Result<i64, Fault> {
    Ok(app.query(jobs::count).await?)
}
