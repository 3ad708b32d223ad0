//! The publication of events, all the time on every instance.

use std::time::Duration;

use tokio::{sync::watch, time};

use crate::{app::App, identity, types::Fault};

/// How often an instance looks for events. A reader sees an event about this much after it was committed.
const INTERVAL: Duration = Duration::from_millis(250);
/// The time before the next look after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Publishes events until told to stop.
pub(super) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let pause = match identity::events::publish(&app).await {
            Ok(_) => INTERVAL,
            Err(error) => {
                app.metrics.upkeep_failed("events");
                tracing::error!(alarm = true, error = Fault::from(error).chain(), "events could not be published");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}
