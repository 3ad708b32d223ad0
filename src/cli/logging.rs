//! Logs: JSON lines in production (LO-02), plain lines in development.

use std::panic;

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::Environment;

/// Below this level these write whole requests, headers and bodies: tokens and addresses (LO-03). Whatever
/// RUST_LOG says, they stay above it.
const QUIET: &str = "actix_http=info,actix_server=warn,actix_web=info,h2=info,hyper=info,hyper_util=info,\
    mio=info,r2d2=info,reqwest=info,rustls=info,diesel=info";

/// The filter for a value of RUST_LOG; `info` where it is empty.
pub(super) fn filter(rust_log: &str) -> EnvFilter {
    let wanted = if rust_log.is_empty() { "info" } else { rust_log };
    EnvFilter::builder().parse_lossy(format!("{wanted},{QUIET}"))
}

/// Starts writing to standard error and makes panics a line of it.
pub(super) fn start(environment: Environment, rust_log: &str) {
    let builder = fmt().with_env_filter(filter(rust_log)).with_writer(std::io::stderr);
    match environment {
        Environment::Production => builder.json().flatten_event(true).with_current_span(true).init(),
        Environment::Development => builder.with_target(false).init(),
    }
    // The message of a panic may hold what was being worked on; the place is enough to find it.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}
