//! Whether load balancers should send requests here.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, time};

use crate::types::Fault;

/// How many looks are made in a second. Beyond them the outcome of the last one holds: however many ask, a look costs a few
/// statements.
const LOOKS: u32 = 10;
const PERIOD: Duration = Duration::from_secs(1);
/// How long a look may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The readiness of this instance.
#[derive(Default)]
pub struct Readiness {
    is_draining: AtomicBool,
    last: Mutex<Option<Looks>>,
}

/// The looks of the present second. The words tell what failed at the last one.
struct Looks {
    since: Instant,
    count: u32,
    outcome: Result<(), String>,
}

impl Readiness {
    /// Says from now on that the instance is not ready: it is about to stop.
    pub fn drain(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    /// Whether the instance is about to stop.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    /// Confirms that the instance is ready, by `look` unless there were many looks just now. One is made at a time.
    pub async fn check(&self, look: impl AsyncFnOnce() -> Result<(), Fault>) -> Result<(), Fault> {
        let not_ready = |reason: String| Fault::unavailable("looking whether this instance is ready", reason);
        if self.is_draining() {
            return Err(not_ready("it is about to stop".to_owned()));
        }
        let mut last = self.last.lock().await;
        let recent = last.as_ref().filter(|looks| looks.since.elapsed() < PERIOD);
        if let Some(Looks { outcome, .. }) = recent.filter(|looks| looks.count >= LOOKS) {
            return outcome.clone().map_err(not_ready);
        }
        let (since, count) = recent.map_or((Instant::now(), 0), |looks| (looks.since, looks.count));
        let outcome = match time::timeout(PATIENCE, look()).await {
            Ok(outcome) => outcome.map_err(|fault| fault.chain()),
            Err(_) => Err("the database gives no answer".to_owned()),
        };
        *last = Some(Looks { since, count: count + 1, outcome: outcome.clone() });
        outcome.map_err(not_ready)
    }
}
