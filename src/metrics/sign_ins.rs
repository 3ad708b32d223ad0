//! Sign-ins.

use super::{
    definition::{Counters, Definitions, Label, words},
    labels::SignInOutcome,
};

/// Sign-ins, by how they ended.
#[derive(Clone)]
pub struct SignInMetrics {
    outcomes: Counters,
}

impl SignInMetrics {
    pub(super) fn define(definitions: &Definitions<'_>) -> Result<Self, prometheus::Error> {
        let labels = [Label::closed("outcome", words!(SignInOutcome))];
        let help = "Sign-ins, by how they ended.";
        Ok(Self { outcomes: definitions.counters("stakis_sign_ins_total", help, &labels)? })
    }

    /// Counts a sign-in by how it ended.
    pub fn ended(&self, outcome: SignInOutcome) {
        self.outcomes.count(&[outcome.as_str()]);
    }
}
