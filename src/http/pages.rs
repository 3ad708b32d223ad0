//! The hosted pages and their files.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, ETag, EntityTag, Header as _, IfNoneMatch},
    },
    web,
};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
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
    let chosen = chosen_locale(request);
    let text = page.render(site(&app.config), chosen.unwrap_or(*wanted), chosen.is_some())?;
    Ok(answer(StatusCode::OK, "Accept-Language", text))
}

/// The page of an unknown address, in the language of the browser or in the one that the address chooses.
pub(super) fn unknown_address(app: &App, wanted: Locale, chosen: Option<Locale>) -> Result<HttpResponse, Problem> {
    let text = pages::render_unknown_address(site(&app.config), chosen.unwrap_or(wanted), chosen.is_some())?;
    Ok(answer(StatusCode::NOT_FOUND, "Accept, Accept-Language", text))
}

fn site(config: &Config) -> Site<'_> {
    let Config { brand, sign_in_url, home_url, .. } = config;
    Site {
        brand,
        sign_in_url: sign_in_url.as_ref(),
        home_url: home_url.as_ref(),
        email_self_service: config.offers_email_self_service(),
    }
}

/// The answer with a page, whatever it shows.
pub(super) fn answer(status: StatusCode, vary: &'static str, text: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin"))
        .insert_header((header::VARY, vary))
        .content_type("text/html; charset=utf-8")
        .body(text)
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

/// A file of the hosted pages. Those of the support page are served beside it alone.
pub(super) async fn public_asset(
    app: web::Data<App>,
    request: HttpRequest,
    file: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    if pages::is_of_support(&file) {
        return Err(Problem::NotFound);
    }
    asset(app, request, file).await
}

/// A file of the pages. Browsers ask each time whether it is still the same: the files of two releases do not fit together.
pub(super) async fn asset(
    app: web::Data<App>,
    request: HttpRequest,
    file: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let asset = pages::asset(&app.config.brand, &file).ok_or(Problem::NotFound)?;
    let tag = EntityTag::new_strong(HEXLOWER.encode(digest(&SHA256, &asset.content).as_ref()));
    let known = IfNoneMatch::parse(&request).ok();
    let is_known = match &known {
        Some(IfNoneMatch::Any) => true,
        Some(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        None => false,
    };
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::CACHE_CONTROL, "no-cache")).insert_header(ETag(tag));
    if is_known {
        return Ok(response.finish());
    }
    Ok(response.content_type(asset.content_type).body(asset.content))
}
