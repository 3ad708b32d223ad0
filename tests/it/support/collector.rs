//! A collector of traces that remembers what it is sent, by OTLP over HTTP as JSON.

use std::collections::BTreeMap;

use serde_json::Value;
use stakis_identity::{config::TracesConfig, types::Share};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

/// Takes every trace.
pub(crate) struct TraceCollector {
    server: MockServer,
}

/// A span as the collector received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReceivedSpan {
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    /// Empty where the span is the first of its trace.
    pub(crate) parent: String,
    pub(crate) name: String,
    pub(crate) kind: i64,
    pub(crate) has_failed: bool,
    pub(crate) attributes: BTreeMap<String, String>,
}

impl TraceCollector {
    pub(crate) async fn start() -> Self {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        Self { server }
    }

    pub(crate) fn url(&self) -> String {
        self.server.uri()
    }

    /// The settings that send a share of the traces here.
    pub(crate) fn config(&self, share: &str) -> TracesConfig {
        TracesConfig { url: self.url().parse().unwrap(), sample: Share::parse(share).unwrap() }
    }

    /// The body of every call, as text.
    pub(crate) async fn bodies(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        for request in &requests {
            assert_eq!((request.method.as_str(), request.url.path()), ("POST", "/v1/traces"));
            assert_eq!(request.headers["content-type"], "application/json");
        }
        requests.into_iter().map(|request| String::from_utf8(request.body).unwrap()).collect()
    }

    /// Every span, in the order of their ends.
    pub(crate) async fn spans(&self) -> Vec<ReceivedSpan> {
        let mut spans = Vec::new();
        for body in self.bodies().await {
            let body: Value = serde_json::from_str(&body).unwrap();
            for of_resource in body["resourceSpans"].as_array().unwrap() {
                let service = attributes(&of_resource["resource"]);
                assert_eq!(service["service.name"], "stakis-identity");
                let scopes = of_resource["scopeSpans"].as_array().unwrap();
                spans.extend(scopes.iter().flat_map(|scope| scope["spans"].as_array().unwrap()).map(read));
            }
        }
        spans
    }
}

fn read(span: &Value) -> ReceivedSpan {
    let text = |name: &str| span[name].as_str().unwrap_or_default().to_owned();
    let time = |name: &str| text(name).parse::<u64>().unwrap();
    assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"), "{span}");
    ReceivedSpan {
        trace_id: text("traceId"),
        span_id: text("spanId"),
        parent: text("parentSpanId"),
        name: text("name"),
        kind: span["kind"].as_i64().unwrap(),
        has_failed: span["status"]["code"] == 2,
        attributes: attributes(span),
    }
}

/// The attributes of a span or a resource, with every value as text.
fn attributes(of: &Value) -> BTreeMap<String, String> {
    let pairs = of["attributes"].as_array().unwrap().iter().map(|attribute| {
        let value = attribute["value"].as_object().unwrap().values().next().unwrap();
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        (attribute["key"].as_str().unwrap().to_owned(), text)
    });
    pairs.collect()
}
