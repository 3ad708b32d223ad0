//! Traces: which spans are recorded, and in which form they leave the service.
//!
//! [`Tracer`] begins spans and hands those of sampled traces to a collector, in batches and behind a bounded queue: a
//! collector that is slow or gone costs spans and never time. `OpenSpan` is a span under way; `current` lets what runs
//! inside find it. `otlp` writes finished spans as OTLP/JSON. A span has the attributes that are set here and no
//! others: no library adds any, so none can hold what a customer typed.

mod current;
mod otlp;
mod tracer;

pub(crate) use current::{begin_call, in_current, run_inside};
pub(crate) use otlp::{encode_resource, encode_spans};
pub use tracer::Tracer;
pub(crate) use tracer::{OpenSpan, Parent};
