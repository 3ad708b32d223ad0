//! A line of the log in production: one JSON object, with the fields of the event and those of the spans around it beside
//! each other (LO-02). The format of the crate repeats a span inside `span` and inside `spans`, where no search by one name
//! finds it.

use std::fmt;

use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    registry::LookupSpan,
};

/// Writes events as JSON. The fields of spans must be stored as JSON too.
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut line = Fields(Map::new());
        line.put("timestamp", time);
        line.put("level", event.metadata().level().as_str());
        event.record(&mut line);
        line.put("target", event.metadata().target());
        // From the innermost span outwards: an inner one says it more exactly.
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            let stored = extensions.get::<FormattedFields<N>>();
            let fields: Option<Map<String, Value>> = stored.and_then(|fields| serde_json::from_str(fields).ok());
            for (name, value) in fields.into_iter().flatten() {
                line.0.entry(name).or_insert(value);
            }
        }
        writeln!(writer, "{}", Value::Object(line.0))
    }
}

/// The fields of a line, in their order.
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::json;
    use tracing_subscriber::{
        fmt::{self, format::JsonFields},
        layer::SubscriberExt as _,
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(log: impl FnOnce()) -> Vec<Value> {
        let sink = Sink::default();
        let writer = sink.clone();
        let lines = fmt::layer().event_format(JsonLine).fmt_fields(JsonFields::new());
        let lines = lines.with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), log);
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn lo_02_a_line_has_the_fields_of_its_spans_once_beside_its_own() {
        let lines = written(|| {
            let outer = tracing::error_span!("request", request_id = "r1", what = "outer", absent = None::<&str>);
            let _outer = outer.enter();
            let inner = tracing::error_span!("job", job.id = "j1", what = "inner");
            let _inner = inner.enter();
            tracing::warn!(status = 503_u16, sure = true, error = %"a \"quoted\"\r\nname", "it failed {}", 7);
        });
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        let mut line = line.as_object().unwrap().clone();
        let time = line.remove("timestamp").unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(time.as_str().unwrap()).is_ok(), "{time}");
        assert_eq!(
            Value::Object(line),
            json!({
                "level": "WARN",
                "message": "it failed 7",
                "status": 503,
                "sure": true,
                "error": "a \"quoted\"\r\nname",
                "target": module_path!(),
                "job.id": "j1",
                "what": "inner",
                "request_id": "r1",
            })
        );
    }

    #[test]
    fn lo_05_a_text_with_a_line_end_stays_on_one_line() {
        let lines = written(|| {
            tracing::info!(name = "one\ntwo\u{2028}three", "said");
            tracing::info!("second");
        });
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["name"], "one\ntwo\u{2028}three");
    }
}
