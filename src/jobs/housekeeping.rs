//! What comes up with time alone: nobody asks for it, and no job waits for it.

use std::time::Duration;

use tokio::{sync::watch, time};

use crate::{
    app::App,
    identity::{self, IdentityError},
    types::Fault,
};

/// How often it is looked after. Nothing depends on when exactly.
const INTERVAL: Duration = Duration::from_mins(1);

/// Keeps house until told to stop. Every instance does: whatever is done is done once, in transactions that
/// see what another one did.
pub(super) async fn run(app: App, mut stop: watch::Receiver<bool>) {
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
    identity::signing_keys::reload(app).await;
    let report = |doing: &str, outcome: Result<(), IdentityError>| {
        if let Err(error) = outcome {
            tracing::error!(error = Fault::from(error).chain(), doing, "housekeeping failed");
        }
    };
    report("signing keys", identity::signing_keys::forget_retired(app).await);
    report("clock", identity::upkeep::follow_server_clock(app).await);
    report("reminders", identity::passwords::remind_of_expiry(app).await);
    report("sessions", identity::sessions::end_expired(app).await);
    report("forgetting", identity::upkeep::forget(app).await);
}
