//! Whether the process lives and can work, without detail (OP-01).

use actix_web::{HttpResponse, web};

use super::problem::{Problem, ProblemBody};
use crate::{app::App, identity::upkeep};

/// Tells that the process lives
///
/// For whatever restarts it where there is no answer. It looks at nothing else: not even at the database.
#[utoipa::path(
    get, path = "/livez", operation_id = "getLiveness", tag = "Operations",
    responses((status = 204, description = "It does"))
)]
pub(super) async fn livez() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// Tells whether requests can be served
///
/// For load balancers: on 200 the database answers and has the tables this version needs; send no requests here on 503.
#[utoipa::path(
    get, path = "/readyz", operation_id = "getReadiness", tag = "Operations",
    responses(
        (status = 200, description = "They can", body = String, content_type = "text/plain", example = "ready"),
        (status = 503, description = "`unavailable`: the database does not answer", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn readyz(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    upkeep::count_waiting_jobs(&app).await.map_err(|fault| {
        tracing::error!(error = fault.chain(), "not ready");
        Problem::Unavailable
    })?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready"))
}
