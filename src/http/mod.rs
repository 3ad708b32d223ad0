//! The front door: one file per resource, in each the request and answer, the OpenAPI attribute and the
//! handler side by side. A handler is parse, one use case, answer.
//!
//! To add an endpoint:
//! 1. its handler, with `#[utoipa::path]`, in the file of its resource;
//! 2. its route in `routes`, with every other method answered by `method_not_allowed`;
//! 3. its operation in `openapi.rs` (a test compares the two);
//! 4. `stakis-identity openapi > openapi/openapi.json` (a test fails on drift);
//! 5. tests: the happy path, every refusal, and who may call it.

mod account;
mod account_password;
mod body;
mod caller;
mod challenges;
mod client_address;
mod cors;
mod docs;
mod envelope;
mod guides;
mod health;
mod mail_events;
mod oauth;
mod oauth_error;
mod openapi;
mod openapi_examples;
mod openapi_schemas;
mod operations;
mod pages;
mod password_policy;
mod password_resets;
mod problem;
mod problem_catalog;
mod problems;
mod sessions;
mod strict_json;
mod support;
mod well_known;

use std::{future::ready, io, net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App as Router, HttpRequest, HttpServer, Resource, Route,
    dev::Server,
    guard,
    middleware::from_fn,
    web::{self, ServiceConfig},
};

use chrono::SecondsFormat;
pub use openapi::document;
pub use operations::start_operations;
pub(crate) use support::DiagnosisBody;

use crate::{app::App, pages::Page, types::UtcTime};
use caller::Language;
use problem::Problem;

/// A whole request head must have arrived by then.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may stay idle. Longer than the 60 s of the proxies in front (nginx' `keepalive_timeout` of an
/// upstream, an AWS load balancer's idle timeout): where the service is the first to close, a request that is on its way
/// just then is lost, and nobody may send a POST twice.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Requests under way at SIGTERM may take so long to finish (OP-03).
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 20;

/// Which optional parts are served.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// The hosted pages.
    pub pages: bool,
    /// `/docs`, the guides below it, and `/openapi.json`.
    pub docs: bool,
}

/// Starts answering on a bound listener. `more` adds routes; the service itself adds none, a test one that
/// panics.
pub fn start(
    listener: TcpListener,
    app: Arc<App>,
    parts: Parts,
    more: fn(&mut ServiceConfig),
) -> io::Result<Server> {
    let app = web::Data::from(app);
    let server = HttpServer::new(move || {
        Router::new()
            .app_data(app.clone())
            .wrap(from_fn(envelope::envelope))
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

fn routes(service: &mut ServiceConfig, parts: Parts) {
    service
        .service(only_post("/v1/password-resets", web::post().to(password_resets::create)))
        .service(only_post("/v1/password-resets/verify", web::post().to(password_resets::verify)))
        .service(only_post("/v1/password-resets/complete", web::post().to(password_resets::complete)))
        .service(only_post("/v1/password-resets/withdraw", web::post().to(password_resets::withdraw)))
        .service(only_post("/v1/challenges", web::post().to(challenges::create)))
        .service(only_get("/v1/password-policy", get().to(password_policy::show)))
        .service(
            web::resource("/v1/sessions")
                .route(web::post().to(sessions::create))
                .route(get().to(sessions::list))
                .route(web::delete().to(sessions::end_others))
                .default_service(web::to(|| async { method_not_allowed("GET, HEAD, POST, DELETE") })),
        )
        .service(only_post("/v1/sessions/refresh", web::post().to(sessions::refresh)))
        .service(only_delete("/v1/sessions/current", web::delete().to(sessions::end_current)))
        .service(only_delete("/v1/sessions/{id}", web::delete().to(sessions::end_one)))
        .service(only_get("/v1/account", get().to(account::show)))
        .service(only_post("/v1/account/password", web::post().to(account_password::change)))
        .service(only_post("/oauth2/token", web::post().to(oauth::token)))
        .service(only_get("/.well-known/jwks.json", get().to(well_known::jwks)))
        .service(only_get("/.well-known/change-password", get().to(well_known::change_password)))
        .service(only_post("/v1/support/diagnosis", web::post().to(support::diagnose)))
        .service(only_post("/v1/mail-events/{provider}", web::post().to(mail_events::take)))
        .service(only_get("/problems/{slug}", get().to(problems::show)))
        .service(only_get("/assets/{file}", get().to(pages::asset)))
        .service(only_get("/livez", get().to(health::livez)))
        .service(only_get("/readyz", get().to(health::readyz)));
    if parts.pages {
        for page in Page::ALL {
            let show = get()
                .to(move |request: HttpRequest, language: Language| ready(pages::show(page, &request, &language)));
            service.service(only_get(page.path(), show));
        }
    }
    if parts.docs {
        service
            .service(only_get("/openapi.json", get().to(openapi::show)))
            .service(only_get("/docs", get().to(docs::redirect)))
            .service(only_get("/docs/guides", get().to(guides::redirect)))
            .service(only_get("/docs/guides/", get().to(guides::index)))
            .service(only_get("/docs/guides/{name}", get().to(guides::guide)))
            .service(only_get("/docs/guides.css", get().to(guides::stylesheet)))
            .service(only_get("/docs/typescript/{file:.*}", get().to(guides::typescript)))
            .service(only_get("/docs/{file:.*}", get().to(docs::file)));
    }
}

/// HEAD follows GET (AP-06); actix leaves the body out by itself.
fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn only_get(path: &str, route: Route) -> Resource {
    web::resource(path).route(route).default_service(web::to(|| async { method_not_allowed("GET, HEAD") }))
}

fn only_post(path: &str, route: Route) -> Resource {
    web::resource(path).route(route).default_service(web::to(|| async { method_not_allowed("POST") }))
}

fn only_delete(path: &str, route: Route) -> Resource {
    web::resource(path).route(route).default_service(web::to(|| async { method_not_allowed("DELETE") }))
}

fn method_not_allowed(allow: &'static str) -> Result<&'static str, Problem> {
    Err(Problem::MethodNotAllowed { allow })
}

/// RFC 3339 in UTC, to the millisecond.
fn timestamp(moment: UtcTime) -> String {
    moment.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true)
}

async fn not_found() -> Result<&'static str, Problem> {
    Err(Problem::NotFound)
}
