//! The connections of callers.

use prometheus::IntGauge;

use super::{
    definition::{Counters, Definitions, Label},
    known::Known,
};

/// The connections of the public listener.
#[derive(Clone)]
pub struct ConnectionMetrics {
    open: IntGauge,
    refused: Counters,
}

impl ConnectionMetrics {
    pub(super) fn define(definitions: &Definitions<'_>, known: &Known) -> Result<Self, prometheus::Error> {
        Ok(Self {
            open: definitions.gauge("stakis_connections", "Open connections of the public listener.")?,
            refused: definitions.counters(
                "stakis_connections_refused_total",
                "Connections closed at once, because one source or all had too many.",
                &[Label::open("bound", known.connection_bounds.iter().copied())],
            )?,
        })
    }

    /// Counts a connection that was opened.
    pub fn opened(&self) {
        self.open.inc();
    }

    /// Counts a connection that was closed.
    pub fn closed(&self) {
        self.open.dec();
    }

    /// Counts a connection that was closed at once, because there are too many: of its source, or in all.
    pub fn refused(&self, bound: &'static str) {
        self.refused.count(&[bound]);
    }
}
