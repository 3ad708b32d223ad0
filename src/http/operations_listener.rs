//! The listener for operators, with `GET /metrics` alone. It must not be reachable from outside (OP-01).

use std::{io, net::TcpListener, time::Duration};

use actix_web::{
    App as Router, HttpResponse, HttpServer,
    dev::Server,
    http::{KeepAlive, header},
    web,
};
use tokio::time;

use super::operation::get;
use crate::{
    app::App,
    identity::upkeep,
    metrics::{CONTENT_TYPE, Readings},
};

/// The longest wait for the number of waiting jobs. After it the metrics are served without that number.
const DATABASE_PATIENCE: Duration = Duration::from_secs(2);
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 1;

/// Starts answering on a bound listener.
pub fn start_operations(listener: TcpListener, app: App) -> io::Result<Server> {
    let app = web::Data::new(app);
    let server = HttpServer::new(move || Router::new().app_data(app.clone()).route("/metrics", get().to(metrics)))
        .workers(1)
        .keep_alive(KeepAlive::Disabled)
        .shutdown_timeout(SHUTDOWN_TIMEOUT_SECONDS)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
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
