//! The rounds of one operation on one database.

use super::{
    bars::Bar,
    figure::Figure,
    load::{Round, Used},
};
use crate::{median, quantile};

/// What the rounds have measured.
#[derive(Default)]
pub(super) struct Measured {
    per_second: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    used: Used,
}

impl Measured {
    pub(super) fn add(&mut self, mut round: Round) {
        self.per_second.push(round.per_second);
        self.p50.push(median(&mut round.milliseconds));
        self.p99.push(quantile(&mut round.milliseconds, 0.99));
        self.used += round.used;
    }

    /// The medians of the rounds.
    pub(super) fn figure(&mut self, name: &str, bar: Bar) -> Figure {
        let mut figure = Figure::new(name, median(&mut self.per_second), "a second").using(self.used);
        figure.p50_milliseconds = Some(median(&mut self.p50));
        figure.p99_milliseconds = Some(median(&mut self.p99));
        if let Some(least) = bar.least_per_second {
            figure = figure.at_least(least);
        }
        if let Some(most) = bar.most_p99_milliseconds {
            figure = figure.with_p99_at_most(most);
        }
        figure
    }
}
