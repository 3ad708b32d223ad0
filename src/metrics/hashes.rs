//! The pool that computes password hashes.

use std::time::Duration;

use prometheus::Histogram;

use super::definition::{Definitions, WAIT_BUCKETS};

/// How long password hashes wait for their turn.
#[derive(Clone)]
pub struct HashMetrics {
    waits: Histogram,
}

/// The state of the pool that computes password hashes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HashReading {
    /// The hashes that are computed.
    pub busy: usize,
    /// The hashes that wait.
    pub waiting: usize,
    /// The most hashes that have begun between the arrival of an owner's hash and its own.
    pub most_before_holder: u64,
}

impl HashMetrics {
    pub(super) fn define(definitions: &Definitions<'_>) -> Result<Self, prometheus::Error> {
        let help = "How long password hashes have waited for their turn.";
        Ok(Self { waits: definitions.histogram("stakis_hash_wait_seconds", help, WAIT_BUCKETS)? })
    }

    /// Observes how long a hash has waited that begins now.
    pub fn begun(&self, waited: Duration) {
        self.waits.observe(waited.as_secs_f64());
    }
}

impl HashReading {
    pub(super) fn read(self, definitions: &Definitions<'_>) -> Result<(), prometheus::Error> {
        let Self { busy, waiting, most_before_holder } = self;
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        for (name, help, value) in [
            ("stakis_hashes_busy", "Password hashes that are computed in this process.", number(busy)),
            ("stakis_hashes_waiting", "Password hashes that wait for their turn in this process.", number(waiting)),
            (
                "stakis_hashes_pending",
                "Password hashes that are computed or wait in this process.",
                number(busy.saturating_add(waiting)),
            ),
            (
                "stakis_hashes_before_holder_max",
                "The most password hashes that have begun between the arrival of an owner's hash and its own.",
                i64::try_from(most_before_holder).unwrap_or(i64::MAX),
            ),
        ] {
            definitions.gauge(name, help)?.set(value);
        }
        Ok(())
    }
}
