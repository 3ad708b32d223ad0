//! What is at which address.

use std::future::ready;

use actix_web::{HttpRequest, web, web::ServiceConfig};

use super::{
    account, account_password, challenges,
    docs::{guides, problem_types, swagger_ui},
    door::caller::Language,
    health, mail_events,
    methods::{get, method_not_allowed, only_delete, only_get, only_post},
    oauth::token,
    openapi, pages,
    parts::Parts,
    password_policy, password_resets, sessions, support, well_known,
};
use crate::pages::Page;

pub(super) fn routes(service: &mut ServiceConfig, parts: Parts) {
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
        .service(only_post("/oauth2/token", web::post().to(token::token)))
        .service(only_get("/.well-known/jwks.json", get().to(well_known::jwks)))
        .service(only_get("/.well-known/change-password", get().to(well_known::change_password)))
        .service(only_post("/v1/support/diagnosis", web::post().to(support::diagnose)))
        .service(only_post("/v1/mail-events/{provider}", web::post().to(mail_events::take)))
        .service(only_get("/problems/{slug}", get().to(problem_types::show)))
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
            .service(only_get("/docs", get().to(swagger_ui::redirect)))
            .service(only_get("/docs/guides", get().to(guides::redirect)))
            .service(only_get("/docs/guides/", get().to(guides::index)))
            .service(only_get("/docs/guides/{name}", get().to(guides::guide)))
            .service(only_get("/docs/guides.css", get().to(guides::stylesheet)))
            .service(only_get("/docs/typescript/{file:.*}", get().to(guides::typescript)))
            .service(only_get("/docs/{file:.*}", get().to(swagger_ui::file)));
    }
}
