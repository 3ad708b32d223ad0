//! The names of all periodic work.

use crate::{
    app::App,
    identity::{passwords, sessions, upkeep, webhooks},
};

/// The work of `jobs` that is no [`PeriodicTask`](crate::identity::PeriodicTask).
const OTHERS: [&str; 8] =
    ["clock", "events", "fast_hashes", "mailbox_providers", "password_costs", "seal", "signing_keys", "webhooks"];

/// Lets the series of every periodic work start at 0.
pub fn expect_tasks(app: &App) {
    let tasks = [&sessions::ENDING_EXPIRED, &webhooks::RESEALING].into_iter();
    let tasks = tasks.chain(passwords::REMINDING).chain(upkeep::FORGETTING).map(|task| task.name);
    for task in tasks.chain(OTHERS) {
        app.metrics.upkeep.expect(task);
    }
}
