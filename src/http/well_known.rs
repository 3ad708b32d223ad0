//! The addresses below `/.well-known/` (RFC 8615).

use actix_web::{HttpResponse, http::header, web};

use super::problem::{NoChangePage, Problem};
use crate::{app::App, identity::signing_keys};

/// Shows the public keys
///
/// A JWK set (RFC 7517) that verifies access tokens. Cache it for as long as `Cache-Control` says, and read it
/// again when a token names a `kid` that you do not have.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", operation_id = "getJwks", tag = "Tokens",
    responses((
        status = 200,
        description = "The keys, the newest first; each is published ten minutes before it signs",
        body = serde_json::Value,
        example = json!({ "keys": [{
            "kty": "EC", "use": "sig", "alg": "ES256", "kid": "Jr0…", "crv": "P-256", "x": "f83…", "y": "x_F…",
        }] }),
    ))
)]
pub(super) async fn jwks(app: web::Data<App>) -> HttpResponse {
    signing_keys::reload(&app).await;
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(app.signer.jwks())
}

/// Redirects to the page that changes a password
///
/// For password managers (W3C, A Well-Known URL for Changing Passwords), and for every link to the page from a program
/// that does not know the address of the page.
#[utoipa::path(
    get, path = "/.well-known/change-password", operation_id = "getChangePasswordPage", tag = "Password reset",
    responses(
        (
            status = 302, description = "The way to the page",
            headers(("Location" = String, description = "The address of the page")),
        ),
        NoChangePage,
    )
)]
pub(super) async fn change_password(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let page = app.links.change_password_page().ok_or(Problem::NotFound)?;
    Ok(HttpResponse::Found().insert_header((header::LOCATION, page)).finish())
}
