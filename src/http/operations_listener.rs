//! The listener for operators, with `GET /metrics`, the support page where the settings say so, and the two probes of a
//! process without a public listener. It must not be reachable from outside (OP-01).

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App as Router, HttpResponse,
    dev::Server,
    http::header,
    web::{self, ServiceConfig},
};
use tokio::time;

use super::{
    expected_answers::expect_answers_of_support_page,
    health::{READY, livez},
    operation::get,
    support_page::support_page,
};
use crate::{
    app::App,
    identity::{measurements, upkeep},
    inbound::{Bounds, Listening, listen},
    metrics::{CONTENT_TYPE, Readings},
};

/// The longest wait for what the tables hold. After it the metrics are served without that.
const DATABASE_PATIENCE: Duration = Duration::from_secs(2);
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 1;
/// How many connections may be open. A few programs ask for the metrics.
const MOST_CONNECTIONS: usize = 32;
/// How many connections may be open with the support page. A browser opens six.
const MOST_CONNECTIONS_WITH_PAGE: usize = 256;
/// The time that running requests have to finish with the support page.
const SHUTDOWN_TIMEOUT_SECONDS_WITH_PAGE: u64 = 5;

/// Starts answering on a bound listener.
pub fn start_operations(listener: TcpListener, app: App) -> io::Result<Server> {
    start(listener, app, |_| {})
}

/// Starts answering on a bound listener of a process that has no other one: the probes are answered here too.
pub fn start_operations_with_probes(listener: TcpListener, app: App) -> io::Result<Server> {
    start(listener, app, |service| {
        service.route("/livez", get().to(livez)).route("/readyz", get().to(ready));
    })
}

fn start(listener: TcpListener, app: App, more: fn(&mut ServiceConfig)) -> io::Result<Server> {
    let has_page = app.config.support_page.is_some();
    let (most, shutdown_timeout_seconds) = if has_page {
        (MOST_CONNECTIONS_WITH_PAGE, SHUTDOWN_TIMEOUT_SECONDS_WITH_PAGE)
    } else {
        (MOST_CONNECTIONS, SHUTDOWN_TIMEOUT_SECONDS)
    };
    // One source of the inner network must not take all: the metrics are served here too.
    let of_source = if has_page { most / 4 } else { most };
    let listening = Listening {
        bounds: Bounds { of_source, in_all: most, ..Bounds::of_this_process(app.config.database.pool_size) },
        trusted_proxies: Vec::new(),
        workers: Some(1),
        shutdown_timeout_seconds,
        observer: Arc::new(|_| {}),
    };
    measurements::expect_tasks(&app);
    if has_page {
        expect_answers_of_support_page(&app.metrics.http);
    }
    let app = web::Data::new(app);
    listen(listener, listening, move || {
        let router = Router::new().app_data(app.clone()).route("/metrics", get().to(metrics)).configure(more);
        // The scope of the page takes every other address, so it is the last one.
        router.configure(|service| {
            if has_page {
                service.service(support_page());
            }
        })
    })
}

async fn ready(app: web::Data<App>) -> HttpResponse {
    match upkeep::check_readiness(&app).await {
        Ok(()) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(READY),
        Err(fault) => {
            tracing::error!(error = fault.chain(), "not ready");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}

async fn metrics(app: web::Data<App>) -> HttpResponse {
    let stored = time::timeout(DATABASE_PATIENCE, measurements::read_stored(&app)).await;
    let readings = Readings {
        hashes: app.hasher.reading(),
        connections: app.database.connections(),
        signing_key_age_seconds: app.signer.key_age(app.clock.now()).map(|age| age.num_seconds()),
        stored: stored.ok().and_then(Result::ok),
    };
    match app.metrics.text(&readings) {
        Ok(text) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, CONTENT_TYPE))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(text),
        Err(fault) => {
            tracing::error!(error = fault.chain(), "the metrics could not be told");
            HttpResponse::InternalServerError().finish()
        }
    }
}
