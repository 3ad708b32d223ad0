//! The one source of time.

use chrono::{NaiveDateTime, SubsecRound, Utc};

/// A moment in UTC. Both databases store it without a zone, at microsecond precision.
pub type UtcTime = NaiveDateTime;

/// Where "now" comes from. A parameter, so that tests can move it; clippy forbids `Utc::now` elsewhere.
pub trait Clock: Send + Sync {
    /// The current moment, in whole microseconds.
    fn now(&self) -> UtcTime;
}

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> UtcTime {
        // PostgreSQL keeps microseconds: a finer value would not compare equal after a round trip.
        Utc::now().naive_utc().trunc_subsecs(6)
    }
}
