//! Mails on their way to a mail API.

use std::time::Duration;

use super::{
    definition::{Counters, Definitions, Histograms, Label, words},
    known::Known,
    labels::{JobUrgency, MailOutcome},
};
use crate::types::MailKind;

/// The provider of a mail that no mail API was asked to take.
const NO_PROVIDER: &str = "none";
/// The upper bounds of the time to the hand-over, in seconds. The objective for reset mails is 60.
const BUCKETS: &[f64] = &[1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0];

/// What becomes of mails until a mail API has them.
#[derive(Clone)]
pub struct MailMetrics {
    outcomes: Counters,
    times_to_hand_over: Histograms,
}

impl MailMetrics {
    pub(super) fn define(definitions: &Definitions<'_>, known: &Known) -> Result<Self, prometheus::Error> {
        let provider = || Label::open("provider", known.mail_providers.iter().copied().chain([NO_PROVIDER]));
        Ok(Self {
            outcomes: definitions.counters(
                "stakis_mails_total",
                "Mails by what became of them; deferred each time that one has to wait.",
                &[Label::closed("outcome", words!(MailOutcome)), provider()],
            )?,
            times_to_hand_over: definitions.histograms(
                "stakis_mail_hand_over_seconds",
                "The time from the request that a mail follows to the mail API that took it.",
                BUCKETS,
                &[
                    Label::closed("kind", words!(MailKind)),
                    provider(),
                    Label::closed("urgency", words!(JobUrgency)),
                ],
            )?,
        })
    }

    /// Counts a mail that is finished, or has to wait. `provider` is the mail API that was asked to take it.
    pub fn ended(&self, outcome: MailOutcome, provider: Option<&str>) {
        self.outcomes.count(&[outcome.as_str(), provider.unwrap_or(NO_PROVIDER)]);
    }

    /// Observes how long after its request a mail was handed over. `urgency` is that of its job.
    pub fn handed_over(&self, kind: MailKind, urgency: JobUrgency, provider: Option<&str>, after: Duration) {
        let values = [kind.as_str(), provider.unwrap_or(NO_PROVIDER), urgency.as_str()];
        self.times_to_hand_over.observe(&values, after);
    }
}
