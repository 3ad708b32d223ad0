//! The collector of traces, which takes finished spans by OTLP over HTTP, as JSON.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::runtime::Handle;
use url::Url;

use super::{
    client::{ExchangeLimits, OutboundClient},
    failure::CallFailure,
};
use crate::{
    telemetry::{encode_resource, encode_spans},
    types::Fault,
};

const LIMITS: ExchangeLimits = ExchangeLimits {
    // Finished spans wait meanwhile, in a queue that drops what it cannot hold.
    timeout: Duration::from_secs(5),
    longest_answer: 16 * 1024,
};
/// The path of traces below the collector's base address (OTLP/HTTP, "OTLP/HTTP Request").
const PATH: &str = "v1/traces";

/// Hands finished spans to a collector.
pub(crate) struct Collector {
    client: Arc<OutboundClient>,
    /// The exporter is called by a thread that has no reactor of its own.
    runtime: Handle,
    resource: Value,
    is_failing: AtomicBool,
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Collector").finish_non_exhaustive()
    }
}

impl Collector {
    /// `base` is the address below which the collector takes traces. The calls run on the runtime of the caller.
    pub(crate) fn new(base: &Url) -> Result<Self, Fault> {
        let client = Arc::new(OutboundClient::for_service(base, LIMITS)?);
        Ok(Self { client, runtime: Handle::current(), resource: Value::Null, is_failing: AtomicBool::new(false) })
    }

    /// Writes a line when the collector begins to fail and when it works again, and none in between.
    fn log(&self, outcome: &Result<(), String>) {
        match (outcome, self.is_failing.swap(outcome.is_err(), Ordering::Relaxed)) {
            (Err(error), false) => {
                tracing::warn!(error, "the collector does not take traces, which are dropped");
            }
            (Ok(()), true) => tracing::info!("the collector takes traces again"),
            (Ok(()), false) | (Err(_), true) => {}
        }
    }
}

impl SpanExporter for Collector {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let (client, body) = (self.client.clone(), encode_spans(&self.resource, &batch));
        let sent = self
            .runtime
            .spawn(async move { client.post(PATH).json(&body).send().await.map(|answer| answer.status) });
        let outcome = match sent.await {
            Ok(answer) => taken(answer),
            Err(_) => Err("the process ends".to_owned()),
        };
        self.log(&outcome);
        outcome.map_err(OTelSdkError::InternalFailure)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = encode_resource(resource);
    }
}

fn taken(answer: Result<StatusCode, CallFailure>) -> Result<(), String> {
    match answer {
        Ok(status) if status.is_success() => Ok(()),
        Ok(status) => Err(format!("status {}", status.as_u16())),
        Err(failure) => Err(failure.to_string()),
    }
}
