//! The exchange between instances about attacks that they see.

use std::time::Duration;

use tokio::{sync::watch, time};

use crate::{app::App, identity, types::Fault};

/// How often an instance shares its counts. The others see an attack at most this much later.
const INTERVAL: Duration = Duration::from_secs(1);

/// Exchanges the counts of the instances until told to stop.
pub(super) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = identity::abuse::share_pressure(&app).await {
            tracing::error!(
                error = Fault::from(error).chain(),
                "cannot exchange with the other instances what they see of attacks"
            );
        }
        tokio::select! {
            () = time::sleep(INTERVAL) => {}
            _ = stop.changed() => {}
        }
    }
}
