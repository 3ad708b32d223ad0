//! Logs: JSON lines in production, plain lines in development.

use std::{
    io::{self, IsTerminal as _},
    panic,
};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _, Registry,
    filter::{FilterExt as _, filter_fn},
    fmt::{self, format::JsonFields},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use super::json_line::JsonLine;
use crate::config::Environment;

/// Without `RUST_LOG`: everything from `info` on, except how many threads a listener starts.
const DEFAULT: &str = "info,actix_server=warn";

/// Starts logging to standard error. A panic becomes a line of the log.
pub(super) fn start(environment: Environment, rust_log: &str) {
    let wanted = if rust_log.is_empty() { DEFAULT } else { rust_log };
    let filter = EnvFilter::builder().parse_lossy(wanted).and(filter_fn(may_be_written));
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match environment {
        Environment::Production => {
            lines.event_format(JsonLine).fmt_fields(JsonFields::new()).with_filter(filter).boxed()
        }
        Environment::Development => lines.with_target(false).with_filter(filter).boxed(),
    };
    Registry::default().with(lines).init();
    // The message of a panic may hold data, so its place alone is logged.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}

/// Below `info` the libraries log whole requests, with tokens and addresses in headers and bodies (LO-03). These lines
/// are left out, even if `RUST_LOG` asks for them.
fn may_be_written(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("stakis_identity") || *metadata.level() <= Level::INFO
}
