//! The one source of time.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{NaiveDateTime, SubsecRound, TimeDelta, Utc};

/// A moment in UTC. Both databases store it without a zone, at microsecond precision.
pub type UtcTime = NaiveDateTime;

/// Where "now" comes from. A parameter, so that tests can move it; clippy forbids `Utc::now` elsewhere.
pub trait Clock: Send + Sync {
    /// The current moment, in whole microseconds.
    fn now(&self) -> UtcTime;

    /// Moves the clock, so that it goes as the database's does. A clock that follows nobody stays as it is.
    fn adjust_by(&self, _difference: TimeDelta) {}
}

/// The system's clock, as far as it is not adjusted.
#[derive(Debug, Default)]
pub struct SystemClock {
    /// In microseconds.
    adjustment: AtomicI64,
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> UtcTime {
        let adjustment = TimeDelta::microseconds(self.adjustment.load(Ordering::Relaxed));
        // PostgreSQL keeps microseconds: a finer value would not compare equal after a round trip.
        (Utc::now().naive_utc() + adjustment).trunc_subsecs(6)
    }

    fn adjust_by(&self, difference: TimeDelta) {
        self.adjustment.fetch_add(difference.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }
}
