//! Lines of the log that a flood would repeat thousands of times a second.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many lines of a kind are written in a second.
const MOST: u32 = 20;
const PERIOD: Duration = Duration::from_secs(1);

/// A sample of the lines of one kind.
pub(crate) struct LogSample(Mutex<State>);

struct State {
    since: Option<Instant>,
    written: u32,
    left_out: u64,
}

impl LogSample {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(State { since: None, written: 0, left_out: 0 }))
    }

    /// Whether the line is to be written. If so, returns how many were left out since the last one that was.
    pub(crate) fn take(&self) -> Option<u64> {
        self.take_at(Instant::now())
    }

    fn take_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.since.is_none_or(|since| now.duration_since(since) >= PERIOD) {
            state.since = Some(now);
            state.written = 0;
        }
        if state.written >= MOST {
            state.left_out += 1;
            return None;
        }
        state.written += 1;
        Some(std::mem::take(&mut state.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lo_09_a_flood_writes_a_sample_and_tells_how_much_it_left_out() {
        let sample = LogSample::new();
        let now = Instant::now();
        let written = (0..1000).filter(|_| sample.take_at(now) == Some(0)).count();
        assert_eq!(written, 20);
        assert_eq!(sample.take_at(now + PERIOD), Some(980));
        assert_eq!(sample.take_at(now + PERIOD), Some(0));
    }
}
