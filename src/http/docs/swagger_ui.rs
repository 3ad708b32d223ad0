//! Swagger UI. It is part of the binary and works offline.

use std::sync::{Arc, OnceLock};

use actix_web::{HttpResponse, http::header, web};
use utoipa_swagger_ui::Config;

use crate::{http::problem::Problem, types::Fault};

/// Swagger UI styles its own elements inline. Scripts come from its files alone.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(in crate::http) async fn redirect() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/docs/")).finish()
}

pub(in crate::http) async fn file(file: web::Path<String>) -> Result<HttpResponse, Problem> {
    static CONFIG: OnceLock<Arc<Config<'static>>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| Arc::new(Config::from("/openapi.json")));
    let served = utoipa_swagger_ui::serve(&file, config.clone())
        .map_err(|error| Fault::internal("serving the documentation", error.to_string()))?;
    let served = served.ok_or(Problem::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .content_type(served.content_type)
        .body(served.bytes.into_owned()))
}
