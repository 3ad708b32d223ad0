//! All metrics of a process, and their text for Prometheus.

use prometheus::{Registry, TextEncoder};

use super::{
    alarms::AlarmMetrics, build, connections::ConnectionMetrics, database::DatabaseMetrics,
    definition::Definitions, hashes::HashMetrics, http::HttpMetrics, known::Known, limits::LimitMetrics,
    mailbox_providers::MailboxProviderMetrics, mails::MailMetrics, passwords::PasswordMetrics, readings::Readings,
    resets::ResetMetrics, sessions::SessionMetrics, sign_ins::SignInMetrics, upkeep::UpkeepMetrics,
    webhooks::WebhookMetrics,
};
use crate::types::{Fault, UtcTime};

/// The media type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics of this process, by what they are about. A clone is cheap and shares its counters with the original.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    /// What an operator has to look at.
    pub alarms: AlarmMetrics,
    /// The connections of callers.
    pub connections: ConnectionMetrics,
    /// The database.
    pub database: DatabaseMetrics,
    /// The pool that computes password hashes.
    pub hashes: HashMetrics,
    /// Requests and their answers.
    pub http: HttpMetrics,
    /// What strangers are refused.
    pub limits: LimitMetrics,
    /// Mails after a mail API has them.
    pub mailbox_providers: MailboxProviderMetrics,
    /// Mails until a mail API has them.
    pub mails: MailMetrics,
    /// Passwords and the schemes of their hashes.
    pub passwords: PasswordMetrics,
    /// Resets of forgotten passwords.
    pub resets: ResetMetrics,
    /// Sessions and their refresh tokens.
    pub sessions: SessionMetrics,
    /// Sign-ins.
    pub sign_ins: SignInMetrics,
    /// Batches of periodic work.
    pub upkeep: UpkeepMetrics,
    /// Attempts at webhooks.
    pub webhooks: WebhookMetrics,
}

impl Metrics {
    /// Defines every series, each at 0, and sets the start time of the process.
    pub fn new(started_at: UtcTime, known: &Known) -> Result<Self, Fault> {
        Self::define(started_at, known).map_err(|error| Fault::internal("setting up the metrics", error))
    }

    fn define(started_at: UtcTime, known: &Known) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let definitions = Definitions(&registry);
        build::define(&definitions, known, started_at)?;
        let alarms = AlarmMetrics::define(&definitions)?;
        Ok(Self {
            connections: ConnectionMetrics::define(&definitions, known)?,
            database: DatabaseMetrics::define(&definitions)?,
            hashes: HashMetrics::define(&definitions)?,
            http: HttpMetrics::define(&definitions)?,
            limits: LimitMetrics::define(&definitions)?,
            mailbox_providers: MailboxProviderMetrics::define(&definitions)?,
            mails: MailMetrics::define(&definitions, known)?,
            passwords: PasswordMetrics::define(&definitions)?,
            resets: ResetMetrics::define(&definitions, known)?,
            sessions: SessionMetrics::define(&definitions)?,
            sign_ins: SignInMetrics::define(&definitions)?,
            upkeep: UpkeepMetrics::define(&definitions, &alarms)?,
            webhooks: WebhookMetrics::define(&definitions)?,
            alarms,
            registry,
        })
    }

    /// The metrics and the readings in the text format of Prometheus.
    pub fn text(&self, readings: &Readings) -> Result<String, Fault> {
        let failed = |error| Fault::internal("writing the metrics", error);
        let mut families = readings.families().map_err(failed)?;
        families.extend(self.registry.gather());
        TextEncoder::new().encode_to_string(&families).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::{JobKind, JobReading, JobState, JobUrgency, RefusingLimit, StoredReading};

    #[test]
    fn op_01_clones_count_together_and_labels_say_what() {
        let known =
            Known { mail_providers: vec!["resend"], version: "9.8.7", database: "sqlite", ..Known::default() };
        let metrics = Metrics::new(chrono::DateTime::UNIX_EPOCH.naive_utc(), &known).unwrap();
        let clone = metrics.clone();
        clone.http.expect("/v1/sessions", &["GET", "POST"], [201]);
        clone.http.expect("/v1/account", &["GET", "PATCH"], []);
        clone.http.answered(Some("/v1/sessions"), "POST", 201, Duration::from_millis(30));
        clone.http.answered(Some("/v1/sessions"), "HEAD", 200, Duration::from_millis(30));
        // Another route answers this method.
        clone.http.answered(Some("/v1/sessions"), "PATCH", 405, Duration::from_millis(30));
        clone.http.answered(Some("/v1/{number}"), "POST", 201, Duration::from_millis(30));
        clone.http.answered(None, "GET", 404, Duration::ZERO);
        clone.limits.refused(RefusingLimit::SignInNumber);
        clone.limits.refused(RefusingLimit::SignInNumber);
        clone.limits.set_proof_of_work_level(2);
        let job = JobReading {
            urgency: JobUrgency::AtOnce,
            kind: JobKind::SendMail,
            state: JobState::Due,
            count: 7,
            oldest_seconds: 3,
        };
        let in_bulk = JobReading { urgency: JobUrgency::InBulk, count: 2, ..job };
        let stored = Some(StoredReading { jobs: vec![job, in_bulk], ..StoredReading::default() });
        let text = metrics.text(&Readings { stored, ..Readings::default() }).unwrap();
        for line in [
            "# TYPE stakis_http_requests_total counter",
            r#"stakis_http_requests_total{route="/v1/sessions",status="201"} 1"#,
            r#"stakis_http_requests_total{route="other",status="201"} 1"#,
            r#"stakis_http_requests_total{route="none",status="404"} 1"#,
            r#"stakis_http_request_duration_seconds_bucket{method="POST",route="/v1/sessions",le="0.025"} 0"#,
            r#"stakis_http_request_duration_seconds_bucket{method="POST",route="/v1/sessions",le="0.05"} 1"#,
            r#"stakis_http_request_duration_seconds_count{method="GET",route="/v1/sessions"} 1"#,
            r#"stakis_http_request_duration_seconds_count{method="other",route="/v1/sessions"} 1"#,
            r#"stakis_http_request_duration_seconds_count{method="PATCH",route="/v1/account"} 0"#,
            r#"stakis_http_request_duration_seconds_count{method="other",route="other"} 1"#,
            r#"stakis_http_request_duration_seconds_count{method="GET",route="none"} 1"#,
            r#"stakis_rate_limited_total{limit="sign_in_number"} 2"#,
            r#"stakis_sign_ins_total{outcome="success"} 0"#,
            r#"stakis_mails_total{outcome="handed_over",provider="resend"} 0"#,
            r#"stakis_build_info{database="sqlite",version="9.8.7"} 1"#,
            r#"stakis_jobs{kind="send_mail",state="due",urgency="at_once"} 7"#,
            r#"stakis_jobs{kind="send_mail",state="due",urgency="in_bulk"} 2"#,
            r#"stakis_jobs_oldest_seconds{kind="send_mail",state="due",urgency="at_once"} 3"#,
            r#"stakis_jobs{kind="issue_reset_link",state="due",urgency="at_once"} 0"#,
            "stakis_proof_of_work_level 2",
            "stakis_database_up 1",
            "stakis_jobs_waiting 9",
            "stakis_hashes_pending 0",
            "stakis_hashes_before_holder_max 0",
            "process_start_time_seconds 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing:\n{text}");
        }
        assert!(!text.contains("stakis_signing_key_age_seconds"));
        assert!(!text.contains(r#"method="PATCH",route="/v1/sessions""#), "{text}");
        let text = metrics.text(&Readings::default()).unwrap();
        assert!(text.contains("stakis_database_up 0\n") && !text.contains("stakis_jobs"), "{text}");
    }
}
