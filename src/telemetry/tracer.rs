//! The tracer and its spans: which are recorded, and how they wait for the collector.

use std::{fmt::Display, sync::Arc, time::Duration};

use data_encoding::HEXLOWER;
use opentelemetry::{
    Context, KeyValue, Value,
    trace::{
        Span as _, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _, TraceFlags, TraceState,
        Tracer as _, TracerProvider as _,
    },
};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, Span, SpanExporter},
};
use tokio::task::spawn_blocking;

use crate::types::{Share, TraceContext, random_bytes};

/// How many finished spans wait for the collector at most, of about a kilobyte each. Further ones are dropped.
const LONGEST_QUEUE: usize = 2048;
/// How many spans one call to the collector carries.
const LARGEST_BATCH: usize = 512;
/// How long a finished span waits for others.
const EXPORT_INTERVAL: Duration = Duration::from_secs(2);
/// How long the end of the process waits for the collector.
const LONGEST_FLUSH: Duration = Duration::from_secs(3);
const SERVICE: &str = "stakis-identity";

/// Begins spans. By default none is recorded. A clone is cheap.
#[derive(Clone, Default)]
pub struct Tracer(Option<Arc<Recorder>>);

struct Recorder {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    share: Share,
}

/// What a span follows from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Parent {
    /// A span of another service, or none. Anyone can name one, so it gives the trace alone: whether the trace is recorded
    /// is drawn here. Drawn, and not derived from the id of the trace, which a caller may choose.
    Foreign(Option<TraceContext>),
    /// A span of this service, which decides whether the trace is recorded.
    Own(TraceContext),
}

impl Tracer {
    /// Records a share of the traces, and hands their spans to the exporter.
    pub(crate) fn recording(exporter: impl SpanExporter + 'static, share: Share) -> Self {
        let limits = BatchConfigBuilder::default()
            .with_max_queue_size(LONGEST_QUEUE)
            .with_max_export_batch_size(LARGEST_BATCH)
            .with_scheduled_delay(EXPORT_INTERVAL)
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(limits).build())
            .with_resource(resource())
            .with_sampler(Sampler::AlwaysOn)
            .build();
        let tracer = provider.tracer(SERVICE);
        Self(Some(Arc::new(Recorder { provider, tracer, share })))
    }

    /// Whether any trace is recorded.
    pub(crate) const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Begins a span. Its name is one of few.
    pub(crate) fn begin(&self, kind: SpanKind, name: impl Into<String>, parent: Parent) -> OpenSpan {
        let (is_sampled, from) = match parent {
            Parent::Foreign(from) => (self.0.as_ref().is_some_and(|recorder| recorder.share.draw()), from),
            Parent::Own(from) => (from.is_sampled, Some(from)),
        };
        let recorded =
            self.0.as_ref().filter(|_| is_sampled).map(|recorder| recorder.begin(kind, name.into(), from));
        OpenSpan::new(self.clone(), recorded, from)
    }

    /// Hands over the spans that wait, and records no more. Returns after three seconds even if the collector does not
    /// answer.
    pub async fn shut_down(&self) {
        let Some(recorder) = self.0.clone() else { return };
        let shut_down = spawn_blocking(move || recorder.provider.shutdown_with_timeout(LONGEST_FLUSH));
        if !matches!(shut_down.await, Ok(Ok(()))) {
            tracing::warn!("the last traces have not reached the collector");
        }
    }
}

impl Recorder {
    fn begin(&self, kind: SpanKind, name: String, from: Option<TraceContext>) -> Span {
        let builder = SpanBuilder::from_name(name).with_kind(kind);
        let parent = from.map_or_else(Context::new, |TraceContext { trace_id, span_id, .. }| {
            let state = TraceState::NONE;
            let parent = SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, true, state);
            Context::new().with_remote_span_context(parent)
        });
        self.tracer.build_with_context(builder, &parent)
    }
}

/// A span that has not ended. It ends when it is dropped.
pub(crate) struct OpenSpan {
    tracer: Tracer,
    context: TraceContext,
    /// `None` where the trace is not recorded.
    recorded: Option<Span>,
}

impl OpenSpan {
    fn new(tracer: Tracer, recorded: Option<Span>, parent: Option<TraceContext>) -> Self {
        // A tracer that has been shut down makes spans without an id.
        let recorded = recorded.filter(|span| span.span_context().is_valid());
        let context = match recorded.as_ref().map(Span::span_context) {
            Some(span) => TraceContext { trace_id: span.trace_id(), span_id: span.span_id(), is_sampled: true },
            None => TraceContext::unrecorded(parent),
        };
        Self { tracer, context, recorded }
    }

    /// The place of the span in its trace. It has ids even where nobody records it, for the log.
    pub(crate) const fn context(&self) -> TraceContext {
        self.context
    }

    /// Sets an attribute. It holds no personal data: collectors keep it for as long as they like.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        if let Some(span) = &mut self.recorded {
            span.set_attribute(KeyValue::new(name, value));
        }
    }

    /// Marks the span as failed, for a reason out of few.
    pub(crate) fn fail(&mut self, why: impl Display) {
        if let Some(span) = &mut self.recorded {
            span.set_attribute(KeyValue::new("error.type", why.to_string()));
            span.set_status(Status::error(""));
        }
    }

    /// The tracer that began the span.
    pub(super) const fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// The header `traceparent` for a call to another service; `None` where traces are off.
    pub(crate) fn traceparent(&self) -> Option<String> {
        self.tracer.is_on().then(|| self.context.traceparent())
    }
}

/// What every span tells of the process that made it.
fn resource() -> Resource {
    let instance = HEXLOWER.encode(&random_bytes::<8>());
    Resource::builder_empty()
        .with_attributes([
            KeyValue::new("service.name", SERVICE),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", instance),
        ])
        .build()
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use opentelemetry_sdk::{error::OTelSdkResult, trace::SpanData};

    use super::*;

    /// An exporter that hangs until the gate is open.
    #[derive(Debug, Clone, Default)]
    struct Hanging {
        gate: Arc<(Mutex<bool>, Condvar)>,
        exported: Arc<AtomicUsize>,
    }

    impl SpanExporter for Hanging {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            let (is_open, opened) = &*self.gate;
            drop(opened.wait_while(is_open.lock().unwrap(), |is_open| !*is_open).unwrap());
            self.exported.fetch_add(batch.len(), Ordering::Relaxed);
            Ok(())
        }
    }

    impl Hanging {
        fn open(&self) {
            *self.gate.0.lock().unwrap() = true;
            self.gate.1.notify_all();
        }
    }

    #[tokio::test]
    async fn lo_10_a_collector_that_hangs_holds_a_bounded_number_of_spans() {
        let exporter = Hanging::default();
        let tracer = Tracer::recording(exporter.clone(), Share::parse("1").unwrap());
        // Nobody waits here, although nothing is exported.
        for _ in 0..4 * LONGEST_QUEUE {
            drop(tracer.begin(SpanKind::Server, "GET /", Parent::Foreign(None)));
        }
        assert_eq!(exporter.exported.load(Ordering::Relaxed), 0);
        exporter.open();
        tracer.shut_down().await;
        let count = exporter.exported.load(Ordering::Relaxed);
        assert!((LONGEST_QUEUE..=LONGEST_QUEUE + LARGEST_BATCH).contains(&count), "{count}");
        // What begins later has its ids, and is not recorded.
        let late = tracer.begin(SpanKind::Server, "GET /", Parent::Foreign(None));
        assert!(!late.context().is_sampled);
        assert_ne!(late.context().trace_id, opentelemetry::trace::TraceId::INVALID);
    }

    #[test]
    fn lo_10_a_tracer_that_is_off_gives_ids_and_no_header() {
        let tracer = Tracer::default();
        let first = tracer.begin(SpanKind::Server, "GET /", Parent::Foreign(None));
        let asked = TraceContext { is_sampled: true, ..first.context() };
        let next = tracer.begin(SpanKind::Consumer, "job", Parent::Own(asked));
        assert_eq!(next.context().trace_id, first.context().trace_id);
        assert!(!next.context().is_sampled && next.traceparent().is_none());
    }
}
