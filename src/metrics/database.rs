//! The database: its connections, who waits for one, and what fails.

use std::time::Instant;

use prometheus::{Histogram, IntCounter, IntGauge};

use super::{
    definition::{Counters, Definitions, Gauges, Label, WAIT_BUCKETS, words},
    labels::DatabaseFailure,
};

/// What the database does for this process.
#[derive(Clone)]
pub struct DatabaseMetrics {
    waiting: IntGauge,
    waits: Histogram,
    failures: Counters,
    retries: IntCounter,
    not_ready: IntCounter,
}

/// The connections of this process to the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConnectionReading {
    /// The connections that work for somebody.
    pub in_use: u32,
    /// The connections that are open and work for nobody.
    pub idle: u32,
}

/// One that waits for a connection. Dropping it ends the wait.
pub struct Waiting {
    metrics: DatabaseMetrics,
    since: Instant,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.metrics.waiting.dec();
        self.metrics.waits.observe(self.since.elapsed().as_secs_f64());
    }
}

impl DatabaseMetrics {
    pub(super) fn define(definitions: &Definitions<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            waiting: definitions
                .gauge("stakis_database_waiting", "Transactions that wait for a connection to the database.")?,
            waits: definitions.histogram(
                "stakis_database_wait_seconds",
                "How long transactions have waited for a connection to the database, in vain or not.",
                WAIT_BUCKETS,
            )?,
            failures: definitions.counters(
                "stakis_database_failures_total",
                "Transactions that failed because of the database; it goes on rising while the database is away.",
                &[Label::closed("cause", words!(DatabaseFailure))],
            )?,
            retries: definitions.counter(
                "stakis_database_retries_total",
                "Transactions that were begun again after the database had failed.",
            )?,
            not_ready: definitions.counter(
                "stakis_readiness_failures_total",
                "Looks at the readiness of this process that found it not ready.",
            )?,
        })
    }

    /// Begins to wait for a connection.
    #[must_use]
    pub fn wait(&self) -> Waiting {
        self.waiting.inc();
        Waiting { metrics: self.clone(), since: Instant::now() }
    }

    /// Counts a transaction that the database has failed.
    pub fn failed(&self, cause: DatabaseFailure) {
        self.failures.count(&[cause.as_str()]);
    }

    /// Counts a transaction that is begun again because the database had failed.
    pub fn retried(&self) {
        self.retries.inc();
    }

    /// Counts a look at the readiness that has failed.
    pub fn not_ready(&self) {
        self.not_ready.inc();
    }
}

impl ConnectionReading {
    pub(super) fn read(self, definitions: &Definitions<'_>) -> Result<(), prometheus::Error> {
        let labels = [Label::closed("state", ["in_use", "idle"])];
        let help = "Connections of this process to the database.";
        let connections: Gauges = definitions.gauges("stakis_database_connections", help, &labels)?;
        connections.set(&["in_use"], self.in_use.into());
        connections.set(&["idle"], self.idle.into());
        Ok(())
    }
}

/// Whether the database has answered the questions of the metrics.
pub(super) fn read_up(definitions: &Definitions<'_>, is_up: bool) -> Result<(), prometheus::Error> {
    let help = "1 where the database answers within two seconds. Where it is 0, what is read from it is left out.";
    definitions.gauge("stakis_database_up", help)?.set(i64::from(is_up));
    Ok(())
}
