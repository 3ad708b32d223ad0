//! Tokens for machine clients (RFC 6749).

use std::collections::BTreeMap;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::header::{self, HeaderMap},
    web,
};
use data_encoding::BASE64;
use futures_util::future::LocalBoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;

use super::error::{OAuthError, OAuthErrorBody};
use crate::{
    app::App,
    http::door::{
        body::{LARGEST_BODY, read_body},
        caller::Caller,
    },
    identity,
};

const REPEATED: OAuthError = OAuthError::InvalidRequest("a parameter stands there more than once");
const TWICE_AUTHENTICATED: OAuthError =
    OAuthError::InvalidRequest("the client authenticates in more than one way; HTTP Basic alone is taken");
const NO_GRANT_TYPE: OAuthError = OAuthError::InvalidRequest("the parameter grant_type is missing");

/// What a client asks for.
#[derive(ToSchema)]
#[schema(as = TokenRequest)]
#[expect(dead_code, reason = "describes the form; `Form` reads it")]
pub(in crate::http) struct TokenRequest {
    /// Always `client_credentials`.
    #[schema(pattern = "^client_credentials$", example = "client_credentials")]
    grant_type: String,
    /// Some of the client's scopes, separated by spaces; without it, all of them.
    #[schema(value_type = String, required = false, example = "support:read")]
    scope: Option<String>,
}

/// A token.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(in crate::http) struct TokenBody {
    /// For `Authorization: Bearer …`: an RFC 9068 JWT that `/.well-known/jwks.json` verifies.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// The token's life, in seconds.
    #[schema(example = 600)]
    expires_in: u64,
    /// What it allows, separated by spaces.
    #[schema(example = "support:read")]
    scope: String,
}

/// Gives a machine client a token
///
/// By client credentials (RFC 6749 §4.4). `stakis-identity client create` makes a client and prints its id and
/// secret, which go into HTTP Basic authentication here, each form-urlencoded first (§2.3.1); in the form they are
/// not taken. Use a token until shortly before it expires, then ask for the next. There is no refresh token. A 400 is a
/// mistake in the calling program and a 401 one in its settings: tell an operator. On 429 and 503 wait as `Retry-After` says.
#[utoipa::path(
    post, path = "/oauth2/token", operation_id = "createToken", tag = "Tokens",
    security(("client" = [])),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded", description = "The grant"),
    responses(
        (status = 200, description = "The token", body = TokenBody,
            headers(("Pragma" = String, description = "`no-cache`"))),
        (status = 400, description = "`invalid_request`: not a form, or a parameter is missing or repeated; \
            `unsupported_grant_type`; `invalid_scope`: unknown, or not this client's",
            body = OAuthErrorBody, content_type = "application/json"),
        (status = 401, description = "`invalid_client`: id or secret is wrong or missing, or the client is revoked",
            body = OAuthErrorBody, content_type = "application/json",
            headers(("WWW-Authenticate" = String, description = "`Basic`"))),
        (status = 413, description = "`invalid_request`: more than 16 KiB",
            body = OAuthErrorBody, content_type = "application/json"),
        (status = 429, description = "`temporarily_unavailable`: too many wrong secrets. The right one still serves",
            body = OAuthErrorBody, content_type = "application/json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
        (status = 500, description = "`server_error`: a mistake of ours",
            body = OAuthErrorBody, content_type = "application/json"),
        (status = 503, description = "`temporarily_unavailable`: try again after `Retry-After` seconds",
            body = OAuthErrorBody, content_type = "application/json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
    )
)]
pub(in crate::http) async fn token(
    app: web::Data<App>,
    caller: Caller,
    client: Result<BasicClient, OAuthError>,
    form: Form,
) -> Result<HttpResponse, OAuthError> {
    let presents_otherwise = form.get("client_secret").or(form.get("client_assertion")).is_some();
    let client = match client {
        Ok(_) if presents_otherwise => return Err(TWICE_AUTHENTICATED),
        client => client?,
    };
    if form.get("grant_type").ok_or(NO_GRANT_TYPE)? != "client_credentials" {
        return Err(OAuthError::UnsupportedGrantType);
    }
    let (secret, scope) = (client.secret.expose_secret(), form.get("scope"));
    let token = identity::clients::issue_token(&app, &caller.0, &client.id, secret, scope).await?;
    let body = TokenBody {
        access_token: token.access_token,
        token_type: "Bearer",
        expires_in: token.expires_in,
        scope: token.scope.to_string(),
    };
    // RFC 6749 §5.1.
    let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    let mut response = HttpResponse::Ok();
    for header in no_store {
        response.insert_header(header);
    }
    Ok(response.json(body))
}

/// A form, each parameter at most once (RFC 6749 §3.2). What stands in the URI is no part of it.
pub(in crate::http) struct Form(BTreeMap<String, SecretString>);

impl Form {
    fn parse(body: &[u8]) -> Result<Self, OAuthError> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if parameters.insert(name.into_owned(), SecretString::from(value.into_owned())).is_some() {
                return Err(REPEATED);
            }
        }
        Ok(Self(parameters))
    }

    /// A parameter without a value counts as left out (RFC 6749 §3.2).
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(SecretString::expose_secret).filter(|value| !value.is_empty())
    }
}

impl FromRequest for Form {
    type Error = OAuthError;
    type Future = LocalBoxFuture<'static, Result<Self, OAuthError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = read_body(request, payload, "application/x-www-form-urlencoded", LARGEST_BODY);
        Box::pin(async move { Self::parse(&body.await?) })
    }
}

/// `client_secret_basic`: what a client says it is called, and the secret it presents.
pub(in crate::http) struct BasicClient {
    id: String,
    secret: SecretString,
}

impl BasicClient {
    fn parse(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(header::AUTHORIZATION);
        let (value, None) = (values.next()?, values.next()) else { return None };
        let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
        let credentials = BASE64.decode(credentials.trim().as_bytes()).ok()?;
        let (id, secret) = std::str::from_utf8(&credentials).ok()?.split_once(':')?;
        let (id, secret) = (decode_component(id)?, SecretString::from(decode_component(secret)?));
        scheme.eq_ignore_ascii_case("basic").then_some(Self { id, secret })
    }
}

/// Undoes the form encoding of one value (RFC 6749 appendix B).
fn decode_component(text: &str) -> Option<String> {
    if text.contains(['&', '=']) {
        return None;
    }
    Some(form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name).collect())
}

impl FromRequest for BasicClient {
    type Error = OAuthError;
    type Future = std::future::Ready<Result<Self, OAuthError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::parse(request.headers()).ok_or(OAuthError::InvalidClient))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn parse(credentials: &str) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        let value = format!("basic {}", BASE64.encode(credentials.as_bytes()));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
        BasicClient::parse(&headers).map(|client| (client.id, client.secret.expose_secret().to_owned()))
    }

    #[test]
    fn ad_08_id_and_secret_are_form_urlencoded_inside_basic() {
        assert_eq!(parse("a%62c:s%3A+x-_"), Some(("abc".into(), "s: x-_".into())));
        assert_eq!(parse("abc:a:b"), Some(("abc".into(), "a:b".into())));
        assert_eq!(parse("abc:"), Some(("abc".into(), String::new())));
        for wrong in ["abc", "", "a&b:x", "a:x=y"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ad_08_a_parameter_counts_once_and_only_with_a_value() {
        let form = Form::parse(b"grant_type=client_credentials&scope=&x=1").unwrap();
        assert_eq!((form.get("grant_type"), form.get("scope")), (Some("client_credentials"), None));
        for repeated in [&b"scope=a&scope=a"[..], b"x=1&%78=2", b"scope&scope"] {
            assert!(Form::parse(repeated).is_err_and(|error| error == REPEATED));
        }
    }
}
