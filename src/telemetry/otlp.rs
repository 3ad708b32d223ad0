//! Finished spans in the JSON of OTLP (opentelemetry-proto 1, `ExportTraceServiceRequest`): ids in hexadecimal digits, whole
//! numbers of 64 bits as text.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::{
    KeyValue, Value,
    trace::{SpanId, SpanKind, Status},
};
use opentelemetry_sdk::{Resource, trace::SpanData};
use serde_json::{Value as Json, json};

/// The attributes of the process.
pub(crate) fn encode_resource(resource: &Resource) -> Json {
    let attributes: Vec<Json> = resource.iter().map(|(name, value)| attribute(name.as_str(), value)).collect();
    json!({ "attributes": attributes })
}

/// The body of a call that hands spans over.
pub(crate) fn encode_spans(resource: &Json, spans: &[SpanData]) -> Json {
    let scope = spans.first().map(|span| span.instrumentation_scope.name().to_owned());
    let spans: Vec<Json> = spans.iter().map(encode_span).collect();
    json!({ "resourceSpans": [{
        "resource": resource,
        "scopeSpans": [{ "scope": { "name": scope }, "spans": spans }],
    }] })
}

fn encode_span(span: &SpanData) -> Json {
    let attributes: Vec<Json> =
        span.attributes.iter().map(|KeyValue { key, value, .. }| attribute(key.as_str(), value)).collect();
    let mut encoded = json!({
        "traceId": span.span_context.trace_id().to_string(),
        "spanId": span.span_context.span_id().to_string(),
        "flags": span.span_context.trace_flags().to_u8(),
        "name": span.name,
        "kind": kind(&span.span_kind),
        "startTimeUnixNano": nanoseconds(span.start_time),
        "endTimeUnixNano": nanoseconds(span.end_time),
        "attributes": attributes,
        "status": status(&span.status),
    });
    if span.parent_span_id != SpanId::INVALID
        && let Some(members) = encoded.as_object_mut()
    {
        members.insert("parentSpanId".to_owned(), span.parent_span_id.to_string().into());
    }
    encoded
}

fn attribute(name: &str, value: &Value) -> Json {
    let value = match value {
        Value::Bool(value) => json!({ "boolValue": value }),
        Value::I64(value) => json!({ "intValue": value.to_string() }),
        Value::F64(value) => json!({ "doubleValue": value }),
        other => json!({ "stringValue": other.to_string() }),
    };
    json!({ "key": name, "value": value })
}

/// The number of `Span.SpanKind`.
const fn kind(kind: &SpanKind) -> u8 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

/// `Status`, whose code 2 says that the span has failed.
fn status(status: &Status) -> Json {
    match status {
        Status::Unset => json!({}),
        Status::Ok => json!({ "code": 1 }),
        Status::Error { description } => json!({ "code": 2, "message": description }),
    }
}

fn nanoseconds(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}
