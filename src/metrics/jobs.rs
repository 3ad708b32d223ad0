//! The jobs in the queue of all instances.

use super::{
    definition::{Definitions, Gauges, Label, words},
    labels::{JobKind, JobState},
};

/// The jobs of one kind in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobReading {
    /// What the jobs do.
    pub kind: JobKind,
    /// How far they have come.
    pub state: JobState,
    /// How many there are.
    pub count: i64,
    /// The seconds since the first of them was due; 0 where that lies ahead.
    pub oldest_seconds: i64,
}

pub(super) fn read(definitions: &Definitions<'_>, readings: &[JobReading]) -> Result<(), prometheus::Error> {
    let labels = || [Label::closed("kind", words!(JobKind)), Label::closed("state", words!(JobState))];
    let waiting = definitions.gauge("stakis_jobs_waiting", "Background jobs in the queue of all instances.")?;
    let jobs: Gauges = definitions.gauges(
        "stakis_jobs",
        "Background jobs in the queue of all instances, by what they do and how far they have come.",
        &labels(),
    )?;
    let oldest: Gauges = definitions.gauges(
        "stakis_jobs_oldest_seconds",
        "The time since the first of these jobs was due; 0 where none is.",
        &labels(),
    )?;
    waiting.set(readings.iter().map(|reading| reading.count).sum());
    for JobReading { kind, state, count, oldest_seconds } in readings {
        let values = [kind.as_str(), state.as_str()];
        jobs.set(&values, *count);
        oldest.set(&values, *oldest_seconds);
    }
    Ok(())
}
