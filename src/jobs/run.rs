//! The background of a process: jobs, upkeep and the exchange about attacks.

use tokio::sync::watch::Receiver;

use super::{housekeeping, queue, watch};
use crate::{app::App, store::in_background};

/// Runs jobs, the upkeep and the exchange about attacks until told to stop, and finishes the jobs that run (OP-03).
pub async fn run(app: App, stop: Receiver<bool>) {
    in_background(async {
        tokio::join!(
            queue::run(&app, stop.clone()),
            housekeeping::run(app.clone(), stop.clone()),
            watch::run(app.clone(), stop.clone()),
        );
    })
    .await;
}
