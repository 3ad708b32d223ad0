//! The clock, which is the only source of time.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{NaiveDateTime, SubsecRound, TimeDelta, Utc};

/// A time in UTC. Both databases store it without a zone, in microseconds.
pub type UtcTime = NaiveDateTime;

/// A source of the current time. It is a parameter, so that tests can move it; clippy forbids `Utc::now` elsewhere.
pub trait Clock: Send + Sync {
    /// The current time in whole microseconds.
    fn now(&self) -> UtcTime;

    /// Moves the clock, so that it agrees with the clock of the database. A clock that cannot be moved stays as it is.
    fn adjust_by(&self, _difference: TimeDelta) {}
}

/// The clock of the system with an adjustment.
#[derive(Debug, Default)]
pub struct SystemClock {
    /// The adjustment in microseconds.
    adjustment: AtomicI64,
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "no other place reads the clock of the system")]
    fn now(&self) -> UtcTime {
        let adjustment = TimeDelta::microseconds(self.adjustment.load(Ordering::Relaxed));
        // PostgreSQL stores microseconds: a finer value would not compare equal after a round trip.
        (Utc::now().naive_utc() + adjustment).trunc_subsecs(6)
    }

    fn adjust_by(&self, difference: TimeDelta) {
        self.adjustment.fetch_add(difference.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }
}
