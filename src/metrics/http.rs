//! Requests and their answers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use super::definition::{Counters, Definitions, Histograms, Label, OTHER};

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
    /// The methods that each route answers.
    methods: Arc<RwLock<BTreeMap<String, BTreeSet<&'static str>>>>,
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
                &[Label::open("method", []), Label::open("route", [])],
            )?,
            methods: Arc::default(),
        };
        metrics.expect(NO_ROUTE, &["GET"], [200, 204]);
        Ok(metrics)
    }

    /// Lets the series of a route start at 0 for the methods that it answers and for its statuses, beside those of every
    /// route. `route` is the pattern of a path. A route that nobody has expected counts as "other".
    pub fn expect(&self, route: &str, methods: &[&'static str], statuses: impl IntoIterator<Item = u16>) {
        for status in statuses.into_iter().chain(OF_EVERY_ROUTE) {
            self.requests.expect(&[route, &status.to_string()]);
        }
        for method in methods.iter().chain(&[OTHER]) {
            self.durations.expect(&[method, route]);
        }
        let mut known = self.methods.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(route.to_owned()).or_default().extend(methods);
    }

    /// Counts an answer. `route` is the pattern of the path, never the path itself; `None` for a path that leads nowhere. A
    /// method that the route does not answer counts as "other", such as the preflight of a browser; HEAD counts as GET.
    pub fn answered(&self, route: Option<&str>, method: &str, status: u16, duration: Duration) {
        let route = route.unwrap_or(NO_ROUTE);
        self.requests.count(&[route, &status.to_string()]);
        self.durations.observe(&[self.known_method(route, method), route], duration);
    }

    fn known_method(&self, route: &str, method: &str) -> &'static str {
        let method = if method == "HEAD" { "GET" } else { method };
        let methods = self.methods.read().unwrap_or_else(PoisonError::into_inner);
        methods.get(route).and_then(|known| known.iter().find(|known| **known == method)).copied().unwrap_or(OTHER)
    }
}
