//! Serving the hosted pages.

use actix_web::{HttpResponse, http::header, web};

use super::{caller::Language, problem::Problem};
use crate::{pages, types::Fault};

/// AP-09: nothing but what we serve ourselves, nothing inline, no frame around it.
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub(super) async fn change_password(Language(locale): Language) -> Result<HttpResponse, Problem> {
    page(pages::change_password(locale))
}

pub(super) async fn withdraw_reset(Language(locale): Language) -> Result<HttpResponse, Problem> {
    page(pages::withdraw_reset(locale))
}

pub(super) async fn not_me(Language(locale): Language) -> Result<HttpResponse, Problem> {
    page(pages::not_me(locale))
}

pub(super) async fn asset(file: web::Path<String>) -> Result<HttpResponse, Problem> {
    let asset = pages::asset(&file).ok_or(Problem::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .content_type(asset.content_type)
        .body(asset.content))
}

fn page(rendered: Result<String, Fault>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin"))
        .insert_header((header::VARY, "Accept-Language"))
        .content_type("text/html; charset=utf-8")
        .body(rendered?))
}
