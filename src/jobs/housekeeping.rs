//! What comes up with time alone: nobody asks for it, and no job waits for it.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time};

use crate::{app::App, identity, types::Fault};

/// How often it is looked after. Nothing depends on when exactly.
const INTERVAL: Duration = Duration::from_mins(1);

/// Keeps house until told to stop. Every instance does: whatever is done is done once, in transactions that
/// see what another one did.
pub(super) async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        keep_house(&app).await;
        tokio::select! {
            () = time::sleep(INTERVAL) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Once. What fails is tried again the next time and keeps nothing else from being done.
pub async fn keep_house(app: &App) {
    app.reload_signing_keys().await;
    let report = |doing: &str, outcome: Result<(), Fault>| {
        if let Err(fault) = outcome {
            tracing::error!(error = fault.chain(), doing, "housekeeping failed");
        }
    };
    report("signing keys", app.forget_retired_signing_keys().await);
    report("clock", app.follow_server_clock().await);
    report("reminders", identity::passwords::remind_of_expiry(app).await);
    report("sessions", identity::sessions::end_expired(app).await);
    report("forgetting", identity::upkeep::forget(app).await);
}
