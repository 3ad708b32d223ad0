//! The counters of a process, and their text for Prometheus.

use prometheus::{IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder, core::Collector};

use super::labels::{Alarm, MailOutcome, RefusingLimit, SignInOutcome};
use crate::types::{Fault, HashScheme, UtcTime, WebhookOutcome};

/// The media type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The values that are read when the metrics are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Readings {
    /// The jobs in the queue of all instances; `None` where the database does not answer.
    pub jobs_waiting: Option<i64>,
    /// The password hashes that are computed or wait.
    pub hashes_pending: usize,
    /// The most hashes that have begun between the arrival of an owner's hash and its own.
    pub hashes_before_holder: u64,
    /// The time since the key that signs access tokens began to sign; `None` where there is no key.
    pub signing_key_age_seconds: Option<i64>,
    /// The age of the entry of the audit trail that has waited longest for its seal, 0 where none waits; `None` where the
    /// database does not answer.
    pub audit_unsealed_age_seconds: Option<i64>,
    /// The age of the head of the audit trail; `None` before the first one, and where the database does not answer.
    pub audit_head_age_seconds: Option<i64>,
}

/// The counters of this process. A clone is cheap and shares its counters with the original.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    http_requests: IntCounterVec,
    sign_ins: IntCounterVec,
    reset_requests: IntCounterVec,
    resets_completed: IntCounter,
    password_changes: IntCounter,
    mails: IntCounterVec,
    refresh_token_reuse: IntCounter,
    refresh_token_reissued: IntCounter,
    rate_limited: IntCounterVec,
    alarms: IntCounterVec,
    proof_of_work_level: IntGauge,
    connections: IntGauge,
    connections_refused: IntCounterVec,
    upkeep_failures: IntCounterVec,
    hash_schemes: IntGaugeVec,
    webhooks: IntCounterVec,
}

impl Metrics {
    /// Registers the counters, and sets the start time of the process.
    pub fn new(started_at: UtcTime) -> Result<Self, Fault> {
        Self::register(started_at).map_err(|error| Fault::internal("setting up the metrics", error))
    }

    #[expect(clippy::too_many_lines, reason = "each counter is defined once, with its help")]
    fn register(started_at: UtcTime) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let counter = |name, help| registered(&registry, IntCounter::new(name, help)?);
        let counters = |name: &str, help: &str, labels: &[&str]| {
            registered(&registry, IntCounterVec::new(Opts::new(name, help), labels)?)
        };
        let gauge = |name, help| registered(&registry, IntGauge::new(name, help)?);
        // Dashboards know this name, so it has no prefix.
        let start = gauge("process_start_time_seconds", "When this process began, in seconds since 1970.")?;
        start.set(started_at.and_utc().timestamp());
        let metrics = Self {
            http_requests: counters(
                "stakis_http_requests_total",
                "Answers of the public listener.",
                &["route", "status"],
            )?,
            sign_ins: counters("stakis_sign_ins_total", "Sign-ins, by how they ended.", &["outcome"])?,
            reset_requests: counters(
                "stakis_reset_requests_total",
                "Reset requests, by what the worker made of them.",
                &["outcome"],
            )?,
            resets_completed: counter("stakis_resets_completed_total", "Passwords set through a reset link.")?,
            password_changes: counter(
                "stakis_password_changes_total",
                "Passwords changed by signed-in customers or after their expiry.",
            )?,
            mails: counters(
                "stakis_mails_total",
                "Mails by what became of them; deferred each time that one has to wait.",
                &["outcome"],
            )?,
            refresh_token_reuse: counter(
                "stakis_refresh_token_reuse_total",
                "Sessions ended because a refresh token was presented twice.",
            )?,
            refresh_token_reissued: counter(
                "stakis_refresh_token_reissued_total",
                "Successors of refresh tokens that were handed out again, because the answer may have been lost.",
            )?,
            rate_limited: counters("stakis_rate_limited_total", "Calls refused by a limit.", &["limit"])?,
            alarms: counters("stakis_alarms_total", "Alarms raised.", &["alarm"])?,
            proof_of_work_level: gauge(
                "stakis_proof_of_work_level",
                "How hard a proof of work is asked for; 0 is none.",
            )?,
            connections: gauge("stakis_connections", "Open connections of the public listener.")?,
            connections_refused: counters(
                "stakis_connections_refused_total",
                "Connections closed at once, because one source or all had too many.",
                &["bound"],
            )?,
            upkeep_failures: counters(
                "stakis_upkeep_failures_total",
                "Batches of periodic work that failed, by the task.",
                &["task"],
            )?,
            hash_schemes: registered(&registry, hash_schemes()?)?,
            webhooks: counters(
                "stakis_webhooks_total",
                "Attempts to deliver events to webhook endpoints, by how they ended.",
                &["outcome"],
            )?,
            registry,
        };
        metrics.start_at_zero()?;
        Ok(metrics)
    }

    /// Lets each counter start at 0, so that its first increment is seen as a rise.
    fn start_at_zero(&self) -> Result<(), prometheus::Error> {
        for &outcome in SignInOutcome::ALL {
            self.sign_ins.get_metric_with_label_values(&[outcome.as_str()])?;
        }
        for &outcome in MailOutcome::ALL {
            self.mails.get_metric_with_label_values(&[outcome.as_str()])?;
        }
        for &outcome in WebhookOutcome::ALL {
            self.webhooks.get_metric_with_label_values(&[outcome.as_str()])?;
        }
        for &scheme in HashScheme::ALL {
            self.hash_schemes.get_metric_with_label_values(&[scheme.as_str()])?;
        }
        Ok(())
    }

    /// Counts an answer of the public listener. `route` is the pattern of the path, never the path itself.
    pub fn http_request(&self, route: Option<&str>, status: u16) {
        count(&self.http_requests, &[route.unwrap_or("none"), &status.to_string()]);
    }

    /// Counts a sign-in by how it ended.
    pub fn sign_in(&self, outcome: SignInOutcome) {
        count(&self.sign_ins, &[outcome.as_str()]);
    }

    /// Counts a reset request by its outcome, once the worker has dealt with it.
    pub fn reset_request(&self, outcome: &'static str) {
        count(&self.reset_requests, &[outcome]);
    }

    /// Counts a password that was set through a reset link.
    pub fn reset_completed(&self) {
        self.resets_completed.inc();
    }

    /// Counts a password that its owner changed.
    pub fn password_changed(&self) {
        self.password_changes.inc();
    }

    /// Counts a mail that is finished, or has to wait.
    pub fn mail(&self, outcome: MailOutcome) {
        count(&self.mails, &[outcome.as_str()]);
    }

    /// Counts an attempt to deliver an event to an endpoint.
    pub fn webhook(&self, outcome: WebhookOutcome) {
        count(&self.webhooks, &[outcome.as_str()]);
    }

    /// Counts a session that ended because a refresh token was presented twice.
    pub fn refresh_token_reused(&self) {
        self.refresh_token_reuse.inc();
    }

    /// Counts a successor of a refresh token that was handed out again.
    pub fn refresh_token_reissued(&self) {
        self.refresh_token_reissued.inc();
    }

    /// Counts a call that a limit refused.
    pub fn rate_limited(&self, limit: RefusingLimit) {
        count(&self.rate_limited, &[limit.as_str()]);
    }

    /// Counts an alarm.
    pub fn alarm(&self, alarm: Alarm) {
        count(&self.alarms, &[alarm.as_str()]);
    }

    /// Stores the level of the proof of work that is asked for from now on; 0 is none.
    pub fn set_proof_of_work_level(&self, level: i64) {
        self.proof_of_work_level.set(level);
    }

    /// Counts a connection of the public listener that was opened.
    pub fn connection_opened(&self) {
        self.connections.inc();
    }

    /// Counts a connection of the public listener that was closed.
    pub fn connection_closed(&self) {
        self.connections.dec();
    }

    /// Counts a connection that was closed at once, because there are too many: of its source, or in all.
    pub fn connection_refused(&self, bound: &'static str) {
        count(&self.connections_refused, &[bound]);
    }

    /// Counts a batch of periodic work that failed.
    pub fn upkeep_failed(&self, task: &'static str) {
        count(&self.upkeep_failures, &[task]);
        self.alarm(Alarm::Upkeep);
    }

    /// Stores how many accounts have a hash of a scheme.
    pub fn set_accounts_by_hash_scheme(&self, scheme: HashScheme, accounts: i64) {
        // The label is right, so this does not fail.
        if let Ok(gauge) = self.hash_schemes.get_metric_with_label_values(&[scheme.as_str()]) {
            gauge.set(accounts);
        }
    }

    /// The counters and the readings in the text format of Prometheus.
    pub fn text(&self, readings: Readings) -> Result<String, Fault> {
        let failed = |error| Fault::internal("writing the metrics", error);
        // The readings have a registry of their own, so that one that could not be read is left out.
        let mut families = read_now(readings).map_err(failed)?;
        families.extend(self.registry.gather());
        TextEncoder::new().encode_to_string(&families).map_err(failed)
    }
}

fn hash_schemes() -> Result<IntGaugeVec, prometheus::Error> {
    let help = "Accounts with a password, by the scheme of its hash; the next sign-in renews all but present.";
    IntGaugeVec::new(Opts::new("stakis_accounts_by_hash_scheme", help), &["scheme"])
}

fn registered<T: Collector + Clone + 'static>(registry: &Registry, metric: T) -> Result<T, prometheus::Error> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

/// Increments a counter. A wrong number of labels is the only possible error, and the tests make every call.
fn count(counters: &IntCounterVec, labels: &[&str]) {
    if let Ok(counter) = counters.get_metric_with_label_values(labels) {
        counter.inc();
    }
}

fn read_now(readings: Readings) -> Result<Vec<prometheus::proto::MetricFamily>, prometheus::Error> {
    let registry = Registry::new();
    let Readings { jobs_waiting, hashes_pending, hashes_before_holder, .. } = readings;
    for (name, help, value) in [
        ("stakis_jobs_waiting", "Background jobs in the queue of all instances.", jobs_waiting),
        (
            "stakis_hashes_pending",
            "Password hashes that are computed or wait in this process.",
            i64::try_from(hashes_pending).ok(),
        ),
        (
            "stakis_hashes_before_holder_max",
            "The most password hashes that have begun between the arrival of an owner's hash and its own.",
            i64::try_from(hashes_before_holder).ok(),
        ),
        (
            "stakis_signing_key_age_seconds",
            "For how long the key that signs access tokens has done so.",
            readings.signing_key_age_seconds,
        ),
        (
            "stakis_audit_unsealed_age_seconds",
            "The age of the audit trail's entry that has waited longest for its seal; 0 where none waits.",
            readings.audit_unsealed_age_seconds,
        ),
        (
            "stakis_audit_head_age_seconds",
            "The age of the last sealed head of the audit trail.",
            readings.audit_head_age_seconds,
        ),
    ] {
        if let Some(value) = value {
            registered(&registry, IntGauge::new(name, help)?)?.set(value);
        }
    }
    Ok(registry.gather())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Readings = Readings {
        jobs_waiting: None,
        hashes_pending: 0,
        hashes_before_holder: 0,
        signing_key_age_seconds: None,
        audit_unsealed_age_seconds: None,
        audit_head_age_seconds: None,
    };

    #[test]
    fn op_01_clones_count_together_and_labels_say_what() {
        let metrics = Metrics::new(chrono::DateTime::UNIX_EPOCH.naive_utc()).unwrap();
        let clone = metrics.clone();
        clone.http_request(Some("/v1/sessions"), 201);
        clone.http_request(None, 404);
        clone.rate_limited(RefusingLimit::SignInNumber);
        clone.rate_limited(RefusingLimit::SignInNumber);
        clone.set_proof_of_work_level(2);
        let text = metrics.text(Readings { jobs_waiting: Some(7), ..NOTHING }).unwrap();
        for line in [
            "# TYPE stakis_http_requests_total counter",
            r#"stakis_http_requests_total{route="/v1/sessions",status="201"} 1"#,
            r#"stakis_http_requests_total{route="none",status="404"} 1"#,
            r#"stakis_rate_limited_total{limit="sign_in_number"} 2"#,
            r#"stakis_sign_ins_total{outcome="success"} 0"#,
            r#"stakis_mails_total{outcome="handed_over"} 0"#,
            "stakis_proof_of_work_level 2",
            "stakis_jobs_waiting 7",
            "stakis_hashes_pending 0",
            "stakis_hashes_before_holder_max 0",
            "process_start_time_seconds 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing:\n{text}");
        }
        assert!(!text.contains("stakis_signing_key_age_seconds"));
        assert!(!metrics.text(NOTHING).unwrap().contains("stakis_jobs_waiting"));
    }
}
