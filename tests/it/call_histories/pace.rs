//! How fast callers call, all of them together.

use std::{sync::Mutex, time::Duration};

use tokio::time::{Instant, sleep_until};

/// The turns of the calls. Without an interval nobody waits for a turn.
#[derive(Default)]
pub(super) struct Pace {
    turns: Mutex<Turns>,
}

#[derive(Default)]
struct Turns {
    interval: Duration,
    next: Option<Instant>,
}

impl Pace {
    /// From now on a call begins this long after the one before, at the soonest.
    pub(super) fn set(&self, interval: Duration) {
        *self.turns.lock().unwrap() = Turns { interval, next: None };
    }

    pub(super) async fn turn(&self) {
        let turn = {
            let mut turns = self.turns.lock().unwrap();
            let turn = turns.next.unwrap_or_else(Instant::now).max(Instant::now());
            turns.next = Some(turn + turns.interval);
            turn
        };
        sleep_until(turn).await;
    }
}
