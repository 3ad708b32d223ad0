//! Resets of forgotten passwords.

use prometheus::IntCounter;

use super::{
    definition::{Counters, Definitions, Label},
    known::Known,
};

/// Resets of forgotten passwords.
#[derive(Clone)]
pub struct ResetMetrics {
    requests: Counters,
    completed: IntCounter,
}

impl ResetMetrics {
    pub(super) fn define(definitions: &Definitions<'_>, known: &Known) -> Result<Self, prometheus::Error> {
        Ok(Self {
            requests: definitions.counters(
                "stakis_reset_requests_total",
                "Reset requests, by what the worker made of them.",
                &[Label::open("outcome", known.reset_outcomes.iter().copied())],
            )?,
            completed: definitions
                .counter("stakis_resets_completed_total", "Passwords set through a reset link.")?,
        })
    }

    /// Counts a reset request by its outcome, once the worker has dealt with it.
    pub fn requested(&self, outcome: &'static str) {
        self.requests.count(&[outcome]);
    }

    /// Counts a password that was set through a reset link.
    pub fn completed(&self) {
        self.completed.inc();
    }
}
