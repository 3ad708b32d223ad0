//! Requests and their answers.

use std::time::Duration;

use super::definition::{Counters, Definitions, Histograms, Label};

/// The route of a request that leads nowhere.
const NO_ROUTE: &str = "none";
/// The upper bounds of the time of an answer, in seconds. The objective is 0.1 for what computes no hash.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// The statuses that any route may answer with, since every request passes the same checks.
const OF_EVERY_ROUTE: [u16; 6] = [400, 404, 405, 429, 500, 503];

/// The answers of the public listener, and of the support page.
#[derive(Clone)]
pub struct HttpMetrics {
    requests: Counters,
    durations: Histograms,
}

impl HttpMetrics {
    pub(super) fn define(definitions: &Definitions<'_>) -> Result<Self, prometheus::Error> {
        let metrics = Self {
            requests: definitions.counters(
                "stakis_http_requests_total",
                "Answers of the public listener.",
                &[Label::open("route", []), Label::open("status", [])],
            )?,
            durations: definitions.histograms(
                "stakis_http_request_duration_seconds",
                "The time from the head of a request to its answer.",
                BUCKETS,
                &[Label::open("route", [])],
            )?,
        };
        metrics.expect(NO_ROUTE, [200, 204]);
        Ok(metrics)
    }

    /// Lets the series of a route start at 0 for the statuses that it answers with, beside those of every route. `route` is
    /// the pattern of a path. A route that nobody has expected counts as "other".
    pub fn expect(&self, route: &str, statuses: impl IntoIterator<Item = u16>) {
        for status in statuses.into_iter().chain(OF_EVERY_ROUTE) {
            self.requests.expect(&[route, &status.to_string()]);
        }
        self.durations.expect(&[route]);
    }

    /// Counts an answer. `route` is the pattern of the path, never the path itself; `None` for a path that leads nowhere.
    pub fn answered(&self, route: Option<&str>, status: u16, duration: Duration) {
        let route = route.unwrap_or(NO_ROUTE);
        self.requests.count(&[route, &status.to_string()]);
        self.durations.observe(&[route], duration);
    }
}
