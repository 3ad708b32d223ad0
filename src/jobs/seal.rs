//! The seal of the audit trail, all the time on every instance.

use std::time::{Duration, Instant};

use tokio::{sync::watch, time};

use crate::{
    app::App,
    identity::{
        IdentityError,
        audit::{self, Sealing},
    },
    types::Fault,
};

/// How often an instance looks for entries that wait. They are sealed within a minute (LO-06).
const INTERVAL: Duration = Duration::from_secs(5);
/// The time before the next look after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(10);
/// How long a pause after a batch is, in times of the batch, so that requests are not kept waiting.
const PAUSE: u32 = 2;

/// Seals entries, and tells the head to other systems, until told to stop.
pub(super) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let begun = Instant::now();
        let pause = match step(&app).await {
            Ok(Sealing::NothingWaits) => INTERVAL,
            Ok(Sealing::Sealed(_) | Sealing::Overtaken) => PAUSE * begun.elapsed(),
            Err(error) => {
                app.metrics.upkeep_failed("seal");
                tracing::error!(
                    alarm = true,
                    error = Fault::from(error).chain(),
                    "the audit trail could not be sealed"
                );
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn step(app: &App) -> Result<Sealing, IdentityError> {
    let sealing = audit::seal_batch(app).await?;
    if sealing == Sealing::NothingWaits {
        audit::tell_head(app).await?;
    }
    Ok(sealing)
}
