//! One measured figure, as it is printed and kept.

use serde::{Deserialize, Serialize};

use super::{load::Used, statements::Statement};

/// A figure with its bar, if it has one.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) unit: String,
    pub(super) p50_milliseconds: Option<f64>,
    pub(super) p99_milliseconds: Option<f64>,
    /// The bar in words; `None` where there is none.
    pub(super) bar: Option<String>,
    pub(super) is_kept: bool,
    /// The processor seconds while it was measured.
    pub(super) used: Option<Used>,
    /// What limits it.
    pub(super) limited_by: Option<String>,
    pub(super) statements: Vec<Statement>,
}

impl Figure {
    /// A figure without a bar.
    pub(super) fn new(name: impl Into<String>, value: f64, unit: &str) -> Self {
        Self { name: name.into(), value, unit: unit.to_owned(), is_kept: true, ..Self::default() }
    }

    /// The same, to be at least this.
    pub(super) fn at_least(mut self, least: f64) -> Self {
        self.is_kept &= self.value >= least;
        self.bar = Some(format!("at least {least} {}", self.unit).trim_end().to_owned());
        self
    }

    /// The same, to be at most this.
    pub(super) fn at_most(mut self, most: f64) -> Self {
        self.is_kept &= self.value <= most;
        self.bar = Some(format!("at most {most} {}", self.unit).trim_end().to_owned());
        self
    }

    /// The same with a bar for its 99th percentile.
    pub(super) fn with_p99_at_most(mut self, most: f64) -> Self {
        self.is_kept &= self.p99_milliseconds.is_some_and(|p99| p99 <= most);
        let bar = format!("p99 at most {most} ms");
        self.bar = Some(self.bar.map_or_else(|| bar.clone(), |first| format!("{first}, {bar}")));
        self
    }

    /// The same with what was used for it.
    pub(super) fn using(mut self, used: Used) -> Self {
        self.limited_by = Some(used.limit());
        self.used = Some(used);
        self
    }
}
