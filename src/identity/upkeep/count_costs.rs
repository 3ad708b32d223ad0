//! Counting the costs of the stored hashes (PW-13).

use crate::{app::App, identity::refusal::IdentityError, store::accounts};

/// Counts the hashes of each cost once the present counts are old. Every instance does so for itself. Sign-ins go on with
/// the old counts meanwhile: counting a million accounts takes seconds.
pub async fn count_costs(app: &App) -> Result<(), IdentityError> {
    if app.cost_census.is_due(app.clock.now()) {
        app.cost_census.set(app.query(accounts::count_by_cost).await?, app.clock.now());
    }
    Ok(())
}
