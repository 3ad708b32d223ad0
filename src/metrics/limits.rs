//! What strangers are refused, and what is asked of them.

use prometheus::IntGauge;

use super::{
    definition::{Counters, Definitions, Label, words},
    labels::RefusingLimit,
};

/// The limits, and the proof of work.
#[derive(Clone)]
pub struct LimitMetrics {
    refused: Counters,
    proof_of_work_level: IntGauge,
}

impl LimitMetrics {
    pub(super) fn define(definitions: &Definitions<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            refused: definitions.counters(
                "stakis_rate_limited_total",
                "Calls refused by a limit.",
                &[Label::closed("limit", words!(RefusingLimit))],
            )?,
            proof_of_work_level: definitions
                .gauge("stakis_proof_of_work_level", "How hard a proof of work is asked for; 0 is none.")?,
        })
    }

    /// Counts a call that a limit refused.
    pub fn refused(&self, limit: RefusingLimit) {
        self.refused.count(&[limit.as_str()]);
    }

    /// Stores the level of the proof of work that is asked for from now on; 0 is none.
    pub fn set_proof_of_work_level(&self, level: i64) {
        self.proof_of_work_level.set(level);
    }
}
