//! Webhooks: attempts, endpoints, and what waits for them.

use super::{
    definition::{Counters, Definitions, Gauges, Label, words},
    jobs::MOST_COUNTED,
};
use crate::types::{WebhookOutcome, WebhookState};

/// Attempts to deliver events to endpoints.
#[derive(Clone)]
pub struct WebhookMetrics {
    attempts: Counters,
}

/// The endpoints of all machine clients, and the deliveries that wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookReading {
    /// How many endpoints are in each state.
    pub endpoints: Vec<(WebhookState, i64)>,
    /// The deliveries that wait for their first or next attempt.
    pub waiting: i64,
}

impl WebhookMetrics {
    pub(super) fn define(definitions: &Definitions<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            attempts: definitions.counters(
                "stakis_webhooks_total",
                "Attempts to deliver events to webhook endpoints, by how they ended.",
                &[Label::closed("outcome", words!(WebhookOutcome))],
            )?,
        })
    }

    /// Counts an attempt to deliver an event to an endpoint.
    pub fn attempted(&self, outcome: WebhookOutcome) {
        self.attempts.count(&[outcome.as_str()]);
    }
}

impl WebhookReading {
    pub(super) fn read(&self, definitions: &Definitions<'_>) -> Result<(), prometheus::Error> {
        let labels = [Label::closed("state", words!(WebhookState))];
        let help = "Webhook endpoints, by whether they get events.";
        let endpoints: Gauges = definitions.gauges("stakis_webhook_endpoints", help, &labels)?;
        for (state, count) in &self.endpoints {
            endpoints.set(&[state.as_str()], *count);
        }
        let help = format!(
            "Events that wait for their first or next attempt at a webhook endpoint, counted up to {MOST_COUNTED}."
        );
        definitions.gauge("stakis_webhook_deliveries_waiting", &help)?.set(self.waiting);
        Ok(())
    }
}
