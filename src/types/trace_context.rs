//! The place of a span in its trace, in the form that services pass on (W3C Trace Context, Level 1).

use opentelemetry::trace::{SpanId, TraceId};

use super::random_bytes;

/// The bit of the flags that says that the trace is recorded (§3.2.2.5.1).
const SAMPLED: u8 = 1;

/// One span of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace, which all spans that follow from one request share.
    pub trace_id: TraceId,
    /// The span, which the next one names as its parent.
    pub span_id: SpanId,
    /// Whether the spans of the trace are recorded.
    pub is_sampled: bool,
}

impl TraceContext {
    /// Makes the next span of a trace, or the first of another one. Nobody records it.
    #[must_use]
    pub fn unrecorded(parent: Option<Self>) -> Self {
        let trace_id = parent.map_or_else(|| TraceId::from_bytes(random_bytes()), |parent| parent.trace_id);
        Self { trace_id, span_id: SpanId::from_bytes(random_bytes()), is_sampled: false }
    }

    /// Parses the header `traceparent` (§3.2); `None` where the text does not have its form. The propagator of the SDK
    /// takes shorter ids and signs in them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = parts.next().filter(|part| is_hex(part, 2) && *part != "ff")?;
        let trace_id = parts.next().filter(|part| is_hex(part, 32))?;
        let span_id = parts.next().filter(|part| is_hex(part, 16))?;
        let flags = parts.next().filter(|part| is_hex(part, 2))?;
        // Later versions may append to the header (§4.3).
        if version == "00" && parts.next().is_some() {
            return None;
        }
        Some(Self {
            trace_id: TraceId::from_hex(trace_id).ok().filter(|id| *id != TraceId::INVALID)?,
            span_id: SpanId::from_hex(span_id).ok().filter(|id| *id != SpanId::INVALID)?,
            is_sampled: u8::from_str_radix(flags, 16).ok()? & SAMPLED == SAMPLED,
        })
    }

    /// The header `traceparent`.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-{:02x}", self.trace_id, self.span_id, u8::from(self.is_sampled))
    }
}

fn is_hex(part: &str, length: usize) -> bool {
    part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::any, proptest};

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn lo_10_a_traceparent_is_taken_in_its_exact_form_alone() {
        for (text, is_sampled) in [
            (format!("00-{TRACE}-{SPAN}-01"), true),
            (format!("00-{TRACE}-{SPAN}-00"), false),
            (format!("00-{TRACE}-{SPAN}-fe"), false),
            (format!("01-{TRACE}-{SPAN}-03-more"), true),
        ] {
            let read = TraceContext::parse(&text).unwrap();
            assert_eq!((read.trace_id.to_string(), read.span_id.to_string()), (TRACE.into(), SPAN.into()));
            assert_eq!(read.is_sampled, is_sampled, "{text}");
        }
        for text in [
            String::new(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-+{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{}-{SPAN}-01", &TRACE[1..]),
            format!(" 00-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{TRACE}-{SPAN}-01\n"),
        ] {
            assert_eq!(TraceContext::parse(&text), None, "{text:?}");
        }
    }

    #[test]
    fn lo_10_the_next_span_stays_in_its_trace() {
        let first = TraceContext::unrecorded(None);
        let next = TraceContext::unrecorded(Some(TraceContext { is_sampled: true, ..first }));
        assert_eq!(next.trace_id, first.trace_id);
        assert_ne!(next.span_id, first.span_id);
        assert!(!next.is_sampled);
        assert_ne!(TraceContext::unrecorded(None).trace_id, first.trace_id);
    }

    proptest! {
        #[test]
        fn lo_10_what_is_written_is_read_back(trace in 1..=u128::MAX, span in 1..=u64::MAX, is_sampled in any::<bool>()) {
            let (trace_id, span_id) = (TraceId::from(trace), SpanId::from(span));
            let context = TraceContext { trace_id, span_id, is_sampled };
            assert_eq!(TraceContext::parse(&context.traceparent()), Some(context));
        }

        #[test]
        fn lo_10_no_text_makes_the_reader_fail(text in ".*") {
            assert!(TraceContext::parse(&text).is_none_or(|read| read.span_id != SpanId::INVALID));
        }
    }
}
