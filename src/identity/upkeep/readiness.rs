//! Whether this instance can serve requests.

use crate::{app::App, store::readiness, types::Fault};

/// Confirms that this instance can serve: it is not about to stop, the database has the tables that it needs, and takes
/// writes. It costs the same however much the tables hold, and however often it is asked.
pub async fn check_readiness(app: &App) -> Result<(), Fault> {
    let look = async || {
        app.query(readiness::check_tables).await?;
        app.database.write(readiness::write).await
    };
    let checked = app.readiness.check(async || look().await.map_err(Fault::from)).await;
    checked.inspect_err(|_| app.metrics.database.not_ready())
}
