//! A system that keeps in step by reading the events.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{history::Act, machine::Machine};

/// The caller that the calls are recorded for.
const CALLER: usize = usize::MAX;
/// The time between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// The events of a page.
const PAGE: usize = 100;

pub(super) struct FeedReader {
    machine: Arc<Machine>,
    cursor: Option<String>,
    turn: usize,
}

impl FeedReader {
    pub(super) const fn new(machine: Arc<Machine>) -> Self {
        Self { machine, cursor: None, turn: 0 }
    }

    /// Reads until the callers are over.
    pub(super) async fn run(mut self) -> Self {
        while !self.machine.callers.recorder.is_over() {
            self.read().await;
            sleep(PAUSE).await;
        }
        self
    }

    /// Reads what is left.
    pub(super) async fn read_to_the_end(mut self) {
        while self.read().await != Some(0) {}
    }

    /// Reads a page, and returns how many events it has; `None` without an answer.
    async fn read(&mut self) -> Option<usize> {
        let after = self.cursor.as_ref().map_or_else(String::new, |cursor| format!("&after={cursor}"));
        let path = format!("v1/events?limit={PAGE}{after}");
        self.turn += 1;
        let brought = self.machine.call_at(CALLER, self.turn, &Act::ReadEvents, &path).await;
        if !brought.is(&Act::ReadEvents) {
            return None;
        }
        self.cursor = Some(brought.body["next"].as_str().unwrap().to_owned());
        Some(brought.body["events"].as_array().unwrap().len())
    }
}
