//! The public listener.

use std::{io, net::TcpListener, time::Duration};

use actix_web::{
    App as Router, HttpServer,
    dev::Server,
    middleware::from_fn,
    web::{self, ServiceConfig},
};

use super::{door::envelope::envelope, parts::Parts, problem::Problem, routes::routes};
use crate::app::App;

/// The deadline for a whole request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The time that a connection may stay idle. It is longer than the 60 s of the proxies in front (nginx'
/// `keepalive_timeout` of an upstream, an AWS load balancer's idle timeout). If this service closed a connection first,
/// a request that was just sent would be lost, and a proxy must not send a POST twice.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// The time that running requests have to finish after SIGTERM (OP-03).
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 20;

/// Starts answering on a bound listener.
pub fn start(listener: TcpListener, app: App, parts: Parts) -> io::Result<Server> {
    start_with(listener, app, parts, |_| {})
}

/// Starts as [`start`] does, with further routes for tests, such as one that panics.
#[doc(hidden)]
pub fn start_with(
    listener: TcpListener,
    app: App,
    parts: Parts,
    more: fn(&mut ServiceConfig),
) -> io::Result<Server> {
    let app = web::Data::new(app);
    let server = HttpServer::new(move || {
        Router::new()
            .app_data(app.clone())
            .wrap(from_fn(envelope))
            .configure(|service| routes(service, parts))
            .configure(more)
            .default_service(web::to(not_found))
    })
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(HEAD_TIMEOUT)
    .shutdown_timeout(SHUTDOWN_TIMEOUT_SECONDS)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}

async fn not_found() -> Result<&'static str, Problem> {
    Err(Problem::NotFound)
}
