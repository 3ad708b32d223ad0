//! The clock, which is the only source of time.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use chrono::{NaiveDateTime, SubsecRound, TimeDelta, Utc};

/// A time in UTC. Both databases store it without a zone, in microseconds.
pub type UtcTime = NaiveDateTime;

/// A source of the current time. It is a parameter, so that tests can move it; clippy forbids `Utc::now` elsewhere.
pub trait Clock: Send + Sync {
    /// The current time in whole microseconds.
    fn now(&self) -> UtcTime;

    /// Moves the clock, so that it agrees with the clock of the database. A clock that cannot be moved stays as it is.
    fn adjust_by(&self, _difference: TimeDelta) {}

    /// The time of the machine; `None` for a clock that does not follow it.
    fn machine_time(&self) -> Option<UtcTime> {
        None
    }
}

/// The clock of the service. Between two looks at the clock that it follows it goes on by the time that has passed: when
/// somebody sets the clock of the machine, or time synchronization makes it jump, nothing expires early or late.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    started_at: UtcTime,
    /// The adjustment in microseconds.
    adjustment: AtomicI64,
    /// Reads the clock of the machine.
    machine: fn() -> UtcTime,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::following(machine_time)
    }
}

impl SystemClock {
    fn following(machine: fn() -> UtcTime) -> Self {
        Self { started: Instant::now(), started_at: machine(), adjustment: AtomicI64::new(0), machine }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> UtcTime {
        let adjustment = TimeDelta::microseconds(self.adjustment.load(Ordering::Relaxed));
        let passed = TimeDelta::from_std(self.started.elapsed()).unwrap_or(TimeDelta::MAX);
        // PostgreSQL stores microseconds: a finer value would not compare equal after a round trip.
        (self.started_at + passed + adjustment).trunc_subsecs(6)
    }

    fn adjust_by(&self, difference: TimeDelta) {
        self.adjustment.fetch_add(difference.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }

    fn machine_time(&self) -> Option<UtcTime> {
        Some((self.machine)())
    }
}

#[expect(clippy::disallowed_methods, reason = "no other place reads the clock of the machine")]
fn machine_time() -> UtcTime {
    Utc::now().naive_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    static JUMP: AtomicI64 = AtomicI64::new(0);

    fn jumping() -> UtcTime {
        machine_time() + TimeDelta::seconds(JUMP.load(Ordering::Relaxed))
    }

    #[test]
    fn op_04_a_jump_of_the_clock_changes_nothing_before_the_next_look() {
        let clock = SystemClock::following(jumping);
        let before = clock.now();
        JUMP.store(240, Ordering::Relaxed);
        assert!(clock.now() - before < TimeDelta::seconds(5));
        let machine = clock.machine_time().unwrap();
        clock.adjust_by(machine - clock.now());
        assert!((clock.now() - before - TimeDelta::seconds(240)).abs() < TimeDelta::seconds(5));
    }
}
