//! The background of a process: jobs, upkeep, the exchange about attacks and the publication of events.

use tokio::sync::watch::Receiver;

use super::{housekeeping, publish, queue, watch};
use crate::{app::App, store::in_background};

/// Runs jobs, the upkeep, the exchange about attacks and the publication of events until told to stop, and finishes the
/// jobs that run (OP-03).
pub async fn run(app: App, stop: Receiver<bool>) {
    in_background(async {
        tokio::join!(
            queue::run(&app, stop.clone()),
            housekeeping::run(app.clone(), stop.clone()),
            watch::run(app.clone(), stop.clone()),
            publish::run(app.clone(), stop.clone()),
        );
    })
    .await;
}
