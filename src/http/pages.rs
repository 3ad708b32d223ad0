//! The hosted pages and their files.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use url::form_urlencoded;

use super::{door::caller::Language, problem::Problem};
use crate::{
    brand::Brand,
    pages::{self, Page},
    types::Locale,
};

/// Allows resources of this service alone, nothing inline, and no frame around the page (AP-09).
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub(super) fn show(
    page: Page,
    brand: &Brand,
    request: &HttpRequest,
    Language(wanted): &Language,
) -> Result<HttpResponse, Problem> {
    let chosen = chosen_locale(request);
    Ok(answer(page.render(brand, chosen.unwrap_or(*wanted), chosen.is_some())?))
}

/// The answer with a page.
pub(super) fn answer(html: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin"))
        .insert_header((header::VARY, "Accept-Language"))
        .content_type("text/html; charset=utf-8")
        .body(html)
}

/// The language that the query names, if the service has it. The links at the bottom of a page set it.
pub(super) fn chosen_locale(request: &HttpRequest) -> Option<Locale> {
    form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "lang")
        .and_then(|(_, value)| Locale::parse(&value).ok())
}

pub(super) async fn asset(file: web::Path<String>) -> Result<HttpResponse, Problem> {
    let asset = pages::asset(&file).ok_or(Problem::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .content_type(asset.content_type)
        .body(asset.content))
}
