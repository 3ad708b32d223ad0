//! The public listener.

use std::{io, net::TcpListener, sync::Arc};

use actix_web::{
    App as Router,
    dev::Server,
    middleware::from_fn,
    web::{self, ServiceConfig},
};

use super::{
    door::envelope::envelope, expected_answers::expect_answers, parts::Parts, problem::Problem, routes::routes,
    unknown_address::page_for_people,
};
use crate::{
    app::App,
    inbound::{Bounds, Change, Listening, listen},
};

/// The time that running requests have to finish once the listener is closed (OP-03). A request takes no longer.
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 16;

/// Starts answering on a bound listener.
pub fn start(listener: TcpListener, app: App, parts: Parts) -> io::Result<Server> {
    let bounds = Bounds::of_this_process(app.config.database.pool_size);
    start_with(listener, app, parts, bounds, |_| {})
}

/// Starts as [`start`] does, for tests: with other bounds, and with further routes, such as one that panics.
#[doc(hidden)]
pub fn start_with(
    listener: TcpListener,
    app: App,
    parts: Parts,
    bounds: Bounds,
    more: fn(&mut ServiceConfig),
) -> io::Result<Server> {
    let metrics = app.metrics.connections.clone();
    let listening = Listening {
        bounds,
        trusted_proxies: app.config.trusted_proxies.clone(),
        workers: None,
        shutdown_timeout_seconds: SHUTDOWN_TIMEOUT_SECONDS,
        observer: Arc::new(move |change| match change {
            Change::Opened => metrics.opened(),
            Change::Closed => metrics.closed(),
            Change::Refused(bound) => metrics.refused(bound.as_str()),
        }),
    };
    expect_answers(&app.metrics.http, parts);
    let app = web::Data::new(app);
    listen(listener, listening, move || {
        Router::new()
            .app_data(app.clone())
            .wrap(from_fn(page_for_people))
            .wrap(from_fn(envelope))
            .configure(|service| routes(service, parts))
            .configure(more)
            .default_service(web::to(not_found))
    })
}

async fn not_found() -> Result<&'static str, Problem> {
    Err(Problem::NotFound)
}
