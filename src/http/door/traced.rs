//! What the log and the trace say of a request: one line and one span. Both name the route and not the path, which may hold
//! what a customer typed, and neither holds a number, an address or a token (LO-03).

use std::time::Duration;

use actix_web::{
    HttpMessage as _,
    dev::ServiceRequest,
    http::{Method, header::HeaderMap},
};
use opentelemetry::trace::SpanKind;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use super::{actor_slot::ActorSlot, caller::source_of};
use crate::{
    app::App,
    limits::LogSample,
    telemetry::{OpenSpan, Parent, run_inside},
    types::{Actor, RequestContext, TraceContext},
};

/// What load balancers ask every few seconds, which would fill the log and the traces.
const PROBES: [&str; 2] = ["/livez", "/readyz"];
/// The method of a request whose own is none of those that HTTP defines: a caller may send any word.
const OTHER_METHOD: &str = "_OTHER";

/// A request under way.
pub(super) struct TracedRequest {
    began: Instant,
    method: &'static str,
    route: Option<String>,
    /// The network of the client, /24 or /48.
    source: Option<String>,
    actor: ActorSlot,
    span: OpenSpan,
}

impl TracedRequest {
    /// Begins the span. A caller may name the trace that the request belongs to.
    pub(super) fn begin(app: &App, request: &ServiceRequest) -> Self {
        let actor = ActorSlot::default();
        request.extensions_mut().insert(actor.clone());
        // It is read here, because a failing handler consumes the request.
        let route = request.match_pattern();
        let method = known_method(request.method());
        let name = format!("{method} {}", route.as_deref().unwrap_or("-"));
        let sent = sent_context(request.headers());
        let parent = match &route {
            Some(route) if PROBES.contains(&route.as_str()) => Parent::Own(TraceContext::unrecorded(sent)),
            _ => Parent::Foreign(sent),
        };
        let mut span = app.tracer.begin(SpanKind::Server, name, parent);
        span.set("http.request.method", method);
        if let Some(route) = &route {
            span.set("http.route", route.clone());
        }
        let address = source_of(app, request.peer_addr(), request.headers());
        let source = RequestContext { source: address, ..RequestContext::of(Actor::Customer) }.shortened_source();
        Self { began: Instant::now(), method, route, source, actor, span }
    }

    pub(super) const fn context(&self) -> TraceContext {
        self.span.context()
    }

    pub(super) const fn method(&self) -> &'static str {
        self.method
    }

    pub(super) fn route(&self) -> Option<&str> {
        self.route.as_deref()
    }

    /// The time since the head of the request was read.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The span that gives its ids to the lines of the log. It has the least verbose level, so that every line has them
    /// whatever `RUST_LOG` says.
    pub(super) fn log_span(&self, request_id: &str) -> Span {
        tracing::error_span!("request", trace_id = %self.context().trace_id, request_id, method = self.method)
    }

    /// Runs a part of the request.
    pub(super) async fn run<T>(&self, log_span: &Span, work: impl Future<Output = T>) -> T {
        run_inside(&self.span, work).instrument(log_span.clone()).await
    }

    /// Ends the span and writes the line.
    pub(super) fn end(mut self, log_span: &Span, request_id: &str, status: u16, outcome: &'static str) {
        self.span.set("http.response.status_code", i64::from(status));
        self.span.set("stakis.request_id", request_id.to_owned());
        self.span.set("stakis.outcome", outcome);
        if status >= 500 {
            self.span.fail(outcome);
        }
        log_span.in_scope(|| self.log(status, outcome));
    }

    fn log(&self, status: u16, outcome: &'static str) {
        static UNAVAILABLE: LogSample = LogSample::new();
        let route = self.route().unwrap_or("-");
        let left_out = match status {
            ..500 if PROBES.contains(&route) => None,
            503 => UNAVAILABLE.take(),
            _ => Some(0),
        };
        let Some(left_out) = left_out else { return };
        // A field without a value is not written.
        let left_out = (left_out > 0).then_some(left_out);
        let (actor, source) = (self.actor.name(), self.source.as_deref());
        let microseconds = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::info!(status, outcome, route, actor, source, microseconds, left_out, "answered");
    }
}

/// The span that the caller names. Two headers are none (W3C Trace Context §4.3).
fn sent_context(headers: &HeaderMap) -> Option<TraceContext> {
    let mut sent = headers.get_all("traceparent");
    let (only, None) = (sent.next()?, sent.next()) else { return None };
    TraceContext::parse(only.to_str().ok()?)
}

fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 8] = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "TRACE"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER_METHOD)
}
