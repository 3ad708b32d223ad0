//! How a series is defined: together with every value of its labels, so that it starts at 0 and cannot grow.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    core::{Collector, MetricVec, MetricVecBuilder},
};

/// The value of a label under which everything counts that the label does not know.
pub(super) const OTHER: &str = "other";

/// The buckets of a wait within this service, in seconds.
pub(super) const WAIT_BUCKETS: &[f64] = &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// A label and its values.
pub(super) struct Label {
    name: &'static str,
    values: Vec<String>,
}

impl Label {
    /// A label that takes these values and no other one.
    pub(super) fn closed(name: &'static str, values: impl IntoIterator<Item = &'static str>) -> Self {
        Self { name, values: values.into_iter().map(str::to_owned).collect() }
    }

    /// A label that takes these values, [`OTHER`], and those that are expected later.
    pub(super) fn open(name: &'static str, values: impl IntoIterator<Item = &'static str>) -> Self {
        Self::closed(name, values.into_iter().chain([OTHER]))
    }
}

/// The texts of all values of a vocabulary.
macro_rules! words {
    ($vocabulary:ty) => {
        <$vocabulary>::ALL.iter().map(|value| value.as_str())
    };
}
pub(super) use words;

/// What holds the series of one name.
pub(super) trait Vector: Collector + Clone + 'static {
    type Metric;

    fn at(&self, values: &[&str]) -> Result<Self::Metric, prometheus::Error>;
}

impl<B: MetricVecBuilder + 'static> Vector for MetricVec<B> {
    type Metric = B::M;

    fn at(&self, values: &[&str]) -> Result<B::M, prometheus::Error> {
        self.get_metric_with_label_values(values)
    }
}

/// The series of one name, one for each combination of the values of its labels.
#[derive(Clone)]
pub(super) struct Series<V> {
    vector: V,
    /// The known values of each label.
    known: Arc<[RwLock<BTreeSet<String>>]>,
}

/// Counters with labels.
pub(super) type Counters = Series<IntCounterVec>;
/// Gauges with labels.
pub(super) type Gauges = Series<IntGaugeVec>;
/// Histograms with labels.
pub(super) type Histograms = Series<HistogramVec>;

impl<V: Vector> Series<V> {
    /// The series of every combination of the values of the labels, each at 0.
    fn new(vector: V, labels: &[Label]) -> Result<Self, prometheus::Error> {
        let mut combinations: Vec<Vec<&str>> = vec![Vec::new()];
        for label in labels {
            combinations = combinations
                .iter()
                .flat_map(|before| label.values.iter().map(|value| [before.as_slice(), &[value.as_str()]].concat()))
                .collect();
        }
        for combination in &combinations {
            vector.at(combination)?;
        }
        let known = labels.iter().map(|label| RwLock::new(label.values.iter().cloned().collect())).collect();
        Ok(Self { vector, known })
    }

    /// Lets the series of these values start at 0. A room above tells the values that it alone knows, as its code or the
    /// settings have them.
    pub(super) fn expect(&self, values: &[&str]) {
        for (known, value) in self.known.iter().zip(values) {
            known.write().unwrap_or_else(PoisonError::into_inner).insert((*value).to_owned());
        }
        drop(self.vector.at(values));
    }

    /// The series of these values. A value that is not known counts as [`OTHER`]. There is none for a wrong number of values,
    /// and the tests make every call.
    pub(super) fn of(&self, values: &[&str]) -> Option<V::Metric> {
        let known = self.known.iter().zip(values).map(|(known, value)| known_or_other(known, value));
        self.vector.at(&known.collect::<Vec<_>>()).ok()
    }
}

impl Counters {
    /// Adds one to the series of these values.
    pub(super) fn count(&self, values: &[&str]) {
        if let Some(counter) = self.of(values) {
            counter.inc();
        }
    }
}

impl Gauges {
    /// Sets the series of these values.
    pub(super) fn set(&self, values: &[&str], value: i64) {
        if let Some(gauge) = self.of(values) {
            gauge.set(value);
        }
    }
}

impl Histograms {
    /// Observes a duration in the series of these values.
    pub(super) fn observe(&self, values: &[&str], duration: Duration) {
        if let Some(histogram) = self.of(values) {
            histogram.observe(duration.as_secs_f64());
        }
    }
}

fn known_or_other<'a>(known: &RwLock<BTreeSet<String>>, value: &'a str) -> &'a str {
    if known.read().unwrap_or_else(PoisonError::into_inner).contains(value) { value } else { OTHER }
}

/// Defines series in a registry.
pub(super) struct Definitions<'r>(pub(super) &'r Registry);

impl Definitions<'_> {
    pub(super) fn counter(&self, name: &str, help: &str) -> Result<IntCounter, prometheus::Error> {
        self.registered(IntCounter::new(name, help)?)
    }

    pub(super) fn counters(&self, name: &str, help: &str, labels: &[Label]) -> Result<Counters, prometheus::Error> {
        let vector = IntCounterVec::new(Opts::new(name, help), &names(labels))?;
        Series::new(self.registered(vector)?, labels)
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, prometheus::Error> {
        self.registered(IntGauge::new(name, help)?)
    }

    pub(super) fn gauges(&self, name: &str, help: &str, labels: &[Label]) -> Result<Gauges, prometheus::Error> {
        let vector = IntGaugeVec::new(Opts::new(name, help), &names(labels))?;
        Series::new(self.registered(vector)?, labels)
    }

    /// `buckets` are upper bounds in seconds.
    pub(super) fn histogram(
        &self,
        name: &str,
        help: &str,
        buckets: &[f64],
    ) -> Result<Histogram, prometheus::Error> {
        self.registered(Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?)
    }

    /// `buckets` are upper bounds in seconds.
    pub(super) fn histograms(
        &self,
        name: &str,
        help: &str,
        buckets: &[f64],
        labels: &[Label],
    ) -> Result<Histograms, prometheus::Error> {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        Series::new(self.registered(HistogramVec::new(options, &names(labels))?)?, labels)
    }

    fn registered<T: Collector + Clone + 'static>(&self, metric: T) -> Result<T, prometheus::Error> {
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }
}

fn names(labels: &[Label]) -> Vec<&'static str> {
    labels.iter().map(|label| label.name).collect()
}

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

    use super::*;

    #[test]
    fn op_06_every_combination_starts_at_0_and_others_make_no_series() {
        let registry = Registry::new();
        let labels = [Label::open("route", ["/a"]), Label::closed("outcome", ["good", "bad"])];
        let calls = Definitions(&registry).counters("calls_total", "Calls.", &labels).unwrap();
        let text = || TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        let lines = |text: String| text.lines().filter(|line| line.starts_with("calls_total{")).count();
        assert_eq!(lines(text()), 4);
        for path in ["/a", "/004217", "/ana@example.si"] {
            calls.count(&[path, "good"]);
        }
        assert_eq!(lines(text()), 4);
        assert!(text().contains(r#"calls_total{outcome="good",route="other"} 2"#));
        calls.expect(&["/b", "bad"]);
        assert!(text().contains(r#"calls_total{outcome="bad",route="/b"} 0"#));
        calls.count(&["/b", "good"]);
        assert!(text().contains(r#"calls_total{outcome="good",route="/b"} 1"#));
    }
}
