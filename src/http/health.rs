//! Liveness and readiness, without further details (OP-01).

use actix_web::{HttpResponse, web};

use super::problem::{NotReady, Problem};
use crate::{app::App, identity::upkeep};

/// The body of a readiness probe that succeeds.
pub(super) const READY: &str = "ready";

/// Tells that the process is alive
///
/// For a supervisor that restarts the process when there is no answer. The database is not asked.
#[utoipa::path(
    get, path = "/livez", operation_id = "getLiveness", tag = "Operations",
    responses((status = 204, description = "The process is alive"))
)]
pub(super) async fn livez() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// Tells whether requests can be served
///
/// For load balancers: on 200 the database has the tables that this version needs and takes writes; on 503, which an
/// instance also answers before it has begun and when it is about to stop, send no requests here.
#[utoipa::path(
    get, path = "/readyz", operation_id = "getReadiness", tag = "Operations",
    responses(
        (
            status = 200, description = "Requests can be served",
            body = String, content_type = "text/plain", example = "ready",
        ),
        NotReady,
    )
)]
pub(super) async fn readyz(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    upkeep::check_readiness(&app).await.map_err(|fault| {
        tracing::error!(error = fault.chain(), "not ready");
        Problem::Unavailable
    })?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(READY))
}
