//! What time brings up: batches of periodic work.

use std::time::Duration;

use super::{
    alarms::AlarmMetrics,
    definition::{Counters, Definitions, Histograms, Label, words},
    labels::{Alarm, BatchOutcome},
};

/// The upper bounds of the time of a batch, in seconds.
const BUCKETS: &[f64] = &[0.01, 0.1, 1.0, 10.0];

/// Batches of periodic work.
#[derive(Clone)]
pub struct UpkeepMetrics {
    failures: Counters,
    batches: Counters,
    durations: Histograms,
    alarms: AlarmMetrics,
}

impl UpkeepMetrics {
    pub(super) fn define(definitions: &Definitions<'_>, alarms: &AlarmMetrics) -> Result<Self, prometheus::Error> {
        let task = || Label::open("task", []);
        Ok(Self {
            failures: definitions.counters(
                "stakis_upkeep_failures_total",
                "Batches of periodic work that failed, by the task.",
                &[task()],
            )?,
            batches: definitions.counters(
                "stakis_upkeep_batches_total",
                "Batches of periodic work, by the task and how they ended.",
                &[task(), Label::closed("outcome", words!(BatchOutcome))],
            )?,
            durations: definitions.histograms(
                "stakis_upkeep_duration_seconds",
                "The time of a batch of periodic work, by the task.",
                BUCKETS,
                &[task()],
            )?,
            alarms: alarms.clone(),
        })
    }

    /// Lets the series of a task start at 0.
    pub fn expect(&self, task: &'static str) {
        self.failures.expect(&[task]);
        self.durations.expect(&[task]);
        for outcome in BatchOutcome::ALL {
            self.batches.expect(&[task, outcome.as_str()]);
        }
    }

    /// Counts a batch, and the time that it took.
    pub fn ran(&self, task: &'static str, outcome: BatchOutcome, duration: Duration) {
        // The name stands in the code, so there are no more of them than there are tasks.
        self.expect(task);
        self.batches.count(&[task, outcome.as_str()]);
        self.durations.observe(&[task], duration);
        if outcome == BatchOutcome::Failed {
            self.failures.count(&[task]);
            self.alarms.raise(Alarm::Upkeep);
        }
    }
}
