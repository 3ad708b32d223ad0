//! The publication of events, all the time on every instance.

use std::time::Duration;

use tokio::{sync::watch, time};

use super::batch::Batch;
use crate::{
    app::App,
    identity::{self, Progress},
};

/// How often an instance looks for events. A reader sees an event about this much after it was committed.
const INTERVAL: Duration = Duration::from_millis(250);
/// The time before the next look after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Publishes events until told to stop.
pub(super) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let batch = Batch::begin(&app, "events");
        let published = identity::events::publish(&app).await;
        let pause = match batch.end(published.map(|_| Progress::Over)) {
            Some(_) => INTERVAL,
            None => AFTER_FAILURE,
        };
        tokio::select! {
            () = time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}
