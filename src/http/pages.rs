//! The hosted pages and their files.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use url::{Url, form_urlencoded};

use super::{door::caller::Language, problem::Problem};
use crate::{
    app::App,
    config::Config,
    pages::{self, Page, Site},
    types::Locale,
};

/// Allows resources of this service alone, nothing inline, and no frame around the page (AP-09).
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A page in the language that the address chooses, or else in that of the browser.
pub(super) fn show(
    page: Page,
    app: &App,
    request: &HttpRequest,
    Language(wanted): &Language,
) -> Result<HttpResponse, Problem> {
    respond(StatusCode::OK, page, app, (*wanted, chosen_locale(request)))
}

/// A page with the headers of every page. The languages are that of the browser and the one that the address chooses.
pub(super) fn respond(
    status: StatusCode,
    page: Page,
    app: &App,
    (wanted, chosen): (Locale, Option<Locale>),
) -> Result<HttpResponse, Problem> {
    let Config { brand, sign_in_url, home_url, .. } = &app.config;
    let site = Site { brand, sign_in_url: sign_in_url.as_ref(), home_url: home_url.as_ref() };
    Ok(HttpResponse::build(status)
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin"))
        .insert_header((header::VARY, "Accept-Language"))
        .content_type("text/html; charset=utf-8")
        .body(page.render(site, chosen.unwrap_or(wanted), chosen.is_some())?))
}

/// Leads to the page where customers sign in.
pub(super) async fn sign_in(app: web::Data<App>) -> HttpResponse {
    let address = app.config.sign_in_url.as_ref().map_or_else(|| Page::SignIn.path(), Url::as_str);
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}

/// The language that the query names, if the service has it. The menu of a page sets it.
pub(super) fn chosen_locale(request: &HttpRequest) -> Option<Locale> {
    form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "lang")
        .and_then(|(_, value)| Locale::parse(&value).ok())
}

pub(super) async fn asset(app: web::Data<App>, file: web::Path<String>) -> Result<HttpResponse, Problem> {
    let asset = pages::asset(&app.config.brand, &file).ok_or(Problem::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .content_type(asset.content_type)
        .body(asset.content))
}
