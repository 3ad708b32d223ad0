//! What the log and the trace say of a job: one line where it succeeds, and one span. The ids of the request that it
//! follows from stand in both.

use opentelemetry::trace::SpanKind;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use crate::{
    app::App,
    identity::{JobOutcome, Work},
    limits::LogSample,
    metrics::MailOutcome,
    store::jobs::Job,
    telemetry::{OpenSpan, Parent, run_inside},
    types::{Actor, Fault, MailKind, RequestContext, TraceContext},
};

/// The name of a job that this version cannot read.
const UNREADABLE: &str = "unreadable";

/// A job under way.
pub(super) struct TracedJob {
    request_id: Option<String>,
    began: Instant,
    span: OpenSpan,
    log_span: Span,
}

impl TracedJob {
    pub(super) fn begin(app: &App, job: &Job, work: Option<&Work>) -> Self {
        let kind = work.map_or(UNREADABLE, Work::name);
        let queued_by = job.traceparent.as_deref().and_then(TraceContext::parse);
        let parent = queued_by.map_or(Parent::Foreign(None), Parent::Own);
        let mail_id = work.and_then(Work::mail_id).map(ToString::to_string);
        let mut span = app.tracer.begin(SpanKind::Consumer, kind, parent);
        if let Some(id) = &mail_id {
            span.set("stakis.mail.id", id.clone());
        }
        span.set("stakis.job.id", job.id.to_string());
        span.set("stakis.job.attempts", i64::from(job.attempts));
        // The least verbose level, so that every line has the ids whatever `RUST_LOG` says.
        let log_span = tracing::error_span!(
            "job",
            trace_id = %span.context().trace_id,
            request_id = job.request_id,
            job.id = %job.id,
            job.kind = kind,
            job.attempts = job.attempts,
            mail.id = mail_id,
        );
        Self { request_id: job.request_id.clone(), began: Instant::now(), span, log_span }
    }

    /// The origin of what the job does.
    pub(super) fn context(&self) -> RequestContext {
        let (request_id, trace) = (self.request_id.clone(), Some(self.span.context()));
        RequestContext { request_id, trace, ..RequestContext::of(Actor::Service) }
    }

    /// Runs a part of the job.
    pub(super) async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        run_inside(&self.span, work).instrument(self.log_span.clone()).await
    }

    /// Writes a line about the job.
    pub(super) fn log(&self, write: impl FnOnce()) {
        self.log_span.in_scope(write);
    }

    /// Notes how the work ended. Whatever decides what becomes of a failure writes the line about it.
    pub(super) fn end(&mut self, outcome: &Result<JobOutcome, Fault>) {
        let ended = match outcome {
            Ok(ended) => *ended,
            Err(_) => return self.span.fail("fault"),
        };
        self.span.set("stakis.outcome", ended.outcome);
        if let Some(kind) = ended.mail_kind {
            self.span.set("stakis.mail.kind", kind.as_str());
        }
        if let Some(provider) = ended.mail_provider {
            self.span.set("stakis.mail.provider", provider);
        }
        self.log(|| write_line(ended, self.began));
    }
}

fn write_line(JobOutcome { outcome, mail_kind, mail_provider }: JobOutcome, began: Instant) {
    static DEFERRED: LogSample = LogSample::new();
    // While no mail API works, every mail that waits is looked at again and again.
    let is_deferred = outcome == MailOutcome::Deferred.as_str();
    let Some(left_out) = (if is_deferred { DEFERRED.take() } else { Some(0) }) else { return };
    // A field without a value is not written.
    let left_out = (left_out > 0).then_some(left_out);
    let (actor, mail_kind) = (Actor::Service.to_string(), mail_kind.map(MailKind::as_str));
    let microseconds = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(
        actor,
        outcome,
        mail.kind = mail_kind,
        mail.provider = mail_provider,
        microseconds,
        left_out,
        "job ended"
    );
}
