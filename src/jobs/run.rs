//! Everything that runs in the background of a process.

use tokio::sync::watch::Receiver;

use super::{housekeeping, queue, watch};
use crate::app::App;

/// Runs jobs, keeps house and watches until told to stop, and finishes what is under way (OP-03).
pub async fn run(app: App, stop: Receiver<bool>) {
    tokio::join!(
        queue::run(&app, stop.clone()),
        housekeeping::run(app.clone(), stop.clone()),
        watch::run(app.clone(), stop.clone()),
    );
}
