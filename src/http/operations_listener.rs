//! The listener for operators, with `GET /metrics` alone. It must not be reachable from outside (OP-01).

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use actix_web::{App as Router, HttpResponse, dev::Server, http::header, web};
use tokio::time;

use super::operation::get;
use crate::{
    app::App,
    identity::upkeep,
    inbound::{Bounds, Listening, listen},
    metrics::{CONTENT_TYPE, Readings},
};

/// The longest wait for the number of waiting jobs. After it the metrics are served without that number.
const DATABASE_PATIENCE: Duration = Duration::from_secs(2);
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 1;
/// How many connections may be open. A few programs ask for the metrics.
const MOST_CONNECTIONS: usize = 32;

/// Starts answering on a bound listener.
pub fn start_operations(listener: TcpListener, app: App) -> io::Result<Server> {
    let bounds = Bounds::of_this_process(app.config.database.pool_size);
    let listening = Listening {
        bounds: Bounds { of_source: MOST_CONNECTIONS, in_all: MOST_CONNECTIONS, ..bounds },
        trusted_proxies: Vec::new(),
        workers: Some(1),
        shutdown_timeout_seconds: SHUTDOWN_TIMEOUT_SECONDS,
        observer: Arc::new(|_| {}),
    };
    let app = web::Data::new(app);
    listen(listener, listening, move || Router::new().app_data(app.clone()).route("/metrics", get().to(metrics)))
}

async fn metrics(app: web::Data<App>) -> HttpResponse {
    let waiting = time::timeout(DATABASE_PATIENCE, upkeep::count_waiting_jobs(&app)).await;
    let readings = Readings {
        jobs_waiting: waiting.ok().and_then(Result::ok),
        hashes_pending: app.hasher.pending(),
        hashes_before_holder: app.hasher.most_before_holder(),
        signing_key_age_seconds: app.signer.key_age(app.clock.now()).map(|age| age.num_seconds()),
    };
    match app.metrics.text(readings) {
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
