//! One method for each address, and 405 with `Allow` for every other (AP-06).

use actix_web::{Resource, Route, guard, web};

use super::problem::Problem;

/// HEAD follows GET (AP-06); actix leaves the body out by itself.
pub(super) fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

pub(super) fn only_get(path: &str, route: Route) -> Resource {
    web::resource(path).route(route).default_service(web::to(|| async { method_not_allowed("GET, HEAD") }))
}

pub(super) fn only_post(path: &str, route: Route) -> Resource {
    web::resource(path).route(route).default_service(web::to(|| async { method_not_allowed("POST") }))
}

pub(super) fn only_delete(path: &str, route: Route) -> Resource {
    web::resource(path).route(route).default_service(web::to(|| async { method_not_allowed("DELETE") }))
}

pub(super) fn method_not_allowed(allow: &'static str) -> Result<&'static str, Problem> {
    Err(Problem::MethodNotAllowed { allow })
}
