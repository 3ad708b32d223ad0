//! A clock that stands still until a test moves it.

use std::sync::Mutex;

use chrono::{NaiveDate, TimeDelta};
use stakis_identity::types::{Clock, UtcTime};

/// The clock begins on a Sunday in November.
pub(crate) struct ManualClock(Mutex<UtcTime>);

impl ManualClock {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(NaiveDate::from_ymd_opt(2026, 11, 22).unwrap().and_hms_opt(13, 0, 0).unwrap()))
    }

    pub(crate) fn at(now: UtcTime) -> Self {
        Self(Mutex::new(now))
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UtcTime {
        *self.0.lock().unwrap()
    }
}
