//! The jobs in the queue of all instances.

use super::{
    definition::{Definitions, Gauges, Label, words},
    labels::{JobKind, JobState, JobUrgency},
};

/// How many jobs of each urgency, and how many deliveries of webhooks, are counted at most. A count at each look at the
/// metrics must not cost the more, the more waits.
pub const MOST_COUNTED: i64 = 10_000;

/// The jobs of one kind in one state, of those that somebody waits for or of those in bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobReading {
    /// Whether somebody waits for them.
    pub urgency: JobUrgency,
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
    let labels = || {
        [
            Label::closed("kind", words!(JobKind)),
            Label::closed("state", words!(JobState)),
            Label::closed("urgency", words!(JobUrgency)),
        ]
    };
    let waiting = definitions.gauge(
        "stakis_jobs_waiting",
        &format!("Background jobs in the queue of all instances, counted up to {MOST_COUNTED} of each urgency."),
    )?;
    let jobs: Gauges = definitions.gauges(
        "stakis_jobs",
        "Those of stakis_jobs_waiting by what they do, how far they have come, and whether somebody waits for them.",
        &labels(),
    )?;
    let oldest: Gauges = definitions.gauges(
        "stakis_jobs_oldest_seconds",
        "The time since the first of these jobs was due; 0 where none is.",
        &labels(),
    )?;
    waiting.set(readings.iter().map(|reading| reading.count).sum());
    for JobReading { urgency, kind, state, count, oldest_seconds } in readings {
        let values = [kind.as_str(), state.as_str(), urgency.as_str()];
        jobs.set(&values, *count);
        oldest.set(&values, *oldest_seconds);
    }
    Ok(())
}
