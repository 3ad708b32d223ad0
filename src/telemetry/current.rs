//! The span that is under way, for what runs inside it.

use opentelemetry::trace::SpanKind;

use super::tracer::{OpenSpan, Parent, Tracer};
use crate::types::TraceContext;

tokio::task_local! {
    static CURRENT: (Tracer, TraceContext);
}

/// Runs work inside a span: calls to other services become its children.
pub(crate) async fn run_inside<T>(span: &OpenSpan, work: impl Future<Output = T>) -> T {
    CURRENT.scope((span.tracer().clone(), span.context()), work).await
}

/// Begins the span of a call to another service, inside the span that is under way; `None` where none is.
pub(crate) fn begin_call(method: &'static str) -> Option<OpenSpan> {
    let begin =
        |(tracer, context): &(Tracer, TraceContext)| tracer.begin(SpanKind::Client, method, Parent::Own(*context));
    CURRENT.try_with(begin).ok()
}

/// Work for a task of its own that stays inside the span that is under way.
pub(crate) fn in_current<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let current = CURRENT.try_with(Clone::clone).ok();
    async move {
        match current {
            Some(current) => CURRENT.scope(current, work).await,
            None => work.await,
        }
    }
}
