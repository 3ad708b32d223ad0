//! Periodic upkeep, once a minute on every instance.

use std::time::Duration;

use tokio::{sync::watch, time};

use crate::{
    app::App,
    identity::{self, IdentityError},
    types::Fault,
};

/// The time between two rounds. Nothing depends on its exact length.
const INTERVAL: Duration = Duration::from_mins(1);

/// Runs the upkeep until told to stop. Every instance runs it; each task is done once, in a transaction that sees the
/// work of the other instances.
pub(super) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        keep_house(&app).await;
        tokio::select! {
            () = time::sleep(INTERVAL) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Runs every task once. A task that fails is tried again in the next round and delays no other.
pub async fn keep_house(app: &App) {
    identity::signing_keys::reload(app).await;
    let report = |doing: &str, outcome: Result<(), IdentityError>| {
        if let Err(error) = outcome {
            tracing::error!(error = Fault::from(error).chain(), doing, "housekeeping failed");
        }
    };
    report("signing keys", identity::signing_keys::forget_retired(app).await);
    report("clock", identity::upkeep::follow_server_clock(app).await);
    report("costs of hashes", identity::upkeep::count_costs(app).await);
    report("reminders", identity::passwords::remind_of_expiry(app).await);
    report("sessions", identity::sessions::end_expired(app).await);
    report("forgetting", identity::upkeep::forget(app).await);
}
