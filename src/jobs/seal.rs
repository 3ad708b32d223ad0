//! The seal of the audit trail, all the time on every instance.

use std::time::{Duration, Instant};

use tokio::{sync::watch, time};

use super::batch::Batch;
use crate::{
    app::App,
    identity::{
        IdentityError, Progress,
        audit::{self, Sealing},
    },
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
        let (begun, batch) = (Instant::now(), Batch::begin(&app, "seal"));
        let pause = match batch.end(step(&app).await) {
            Some(Progress::Over) => INTERVAL,
            Some(Progress::GoesOn) => PAUSE * begun.elapsed(),
            None => AFTER_FAILURE,
        };
        tokio::select! {
            () = time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn step(app: &App) -> Result<Progress, IdentityError> {
    if audit::seal_batch(app).await? != Sealing::NothingWaits {
        return Ok(Progress::GoesOn);
    }
    audit::tell_head(app).await?;
    Ok(Progress::Over)
}
