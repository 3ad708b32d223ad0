//! Tokens for machine clients (RFC 6749).

use actix_web::{HttpResponse, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    authentication::{Authenticated, Credentials, authenticate},
    error::OAuthError,
    responses::{
        ClientNotAuthenticated, FormTooLarge, ServerError, ServiceUnavailable, TooManyTokens, WrongTokenRequest,
    },
};
use crate::{
    app::App,
    http::door::{
        body::UnreadBody,
        caller::Caller,
        quota::{Policy, QuotaSlot},
    },
    identity,
};

const NO_GRANT_TYPE: OAuthError = OAuthError::InvalidRequest("the parameter grant_type is missing");

/// The request for an access token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; `Form` reads it")]
pub(super) struct TokenRequest {
    /// The grant type, always the text `client_credentials`.
    #[schema(pattern = "^client_credentials$", example = "client_credentials")]
    grant_type: String,
    /// The requested scopes, separated by spaces. Without this parameter the token gets all scopes of the client.
    #[schema(value_type = String, required = false, example = "support:read")]
    scope: Option<String>,
    /// The id of the client, where the form holds its secret. Beside an assertion it may be left out.
    #[schema(value_type = String, required = false, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
    client_id: Option<String>,
    /// The secret of the client (`client_secret_post`), where HTTP Basic does not carry it.
    #[schema(value_type = String, required = false, format = Password, example = "stk_…")]
    client_secret: Option<String>,
    /// The type of the assertion, always the text `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    #[schema(value_type = String, required = false, example = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    client_assertion_type: Option<String>,
    /// A JWT that the client has signed with its own key (`private_key_jwt`, RFC 7523 §2.2), good for one call.
    #[schema(value_type = String, required = false, example = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    client_assertion: Option<String>,
}

/// An access token for a machine client.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(super) struct TokenBody {
    /// The token for `Authorization: Bearer …`, an RFC 9068 JWT that `/.well-known/jwks.json` verifies.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    access_token: String,
    /// Always the text `Bearer`, as OAuth 2.0 names it.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// The lifetime of the token, in seconds.
    #[schema(example = 600)]
    expires_in: u64,
    /// The scopes of the token, separated by spaces.
    #[schema(example = "support:read")]
    scope: String,
}

/// Issues an access token to a machine client
///
/// The grant is client credentials (RFC 6749 §4.4). `stakis-identity client create` makes a client and prints its id and secret.
/// The client authenticates itself in one of three ways: id and secret by HTTP Basic, each form-urlencoded first (§2.3.1); id
/// and secret in the form; or an assertion that it signs with its own key (RFC 7523), whose `aud` is the `issuer` or the
/// address of this endpoint, whose `exp` is within an hour, and whose `jti` serves once. More than one way in a call is
/// refused, and so is another client's id. Use a token until shortly before it expires, then ask for the next. There is no
/// refresh token. A 400 is a mistake in the calling program and a 401 one in its settings: tell an operator. On 429 and 503
/// wait as `Retry-After` says.
#[utoipa::path(
    post, path = "/oauth2/token", operation_id = "createToken", tag = "Tokens",
    request_body(
        content = TokenRequest, content_type = "application/x-www-form-urlencoded",
        description = "The grant type, and the scopes that the token is for",
    ),
    responses(
        (
            status = 200, description = "The token for the client", body = TokenBody,
            headers(("Pragma" = String, description = "Always `no-cache`, for HTTP/1.0 caches")),
        ),
        WrongTokenRequest,
        ClientNotAuthenticated,
        FormTooLarge,
        TooManyTokens,
        ServerError,
        ServiceUnavailable,
    )
)]
pub(in crate::http) async fn issue(
    app: web::Data<App>,
    caller: Caller,
    credentials: Credentials,
    quota: QuotaSlot,
    body: UnreadBody,
) -> Result<HttpResponse, OAuthError> {
    let Authenticated { client, form } = authenticate(&app, &caller.0, credentials, body).await?;
    if form.get("grant_type").ok_or(NO_GRANT_TYPE)? != "client_credentials" {
        return Err(OAuthError::UnsupportedGrantType);
    }
    let issued = identity::clients::issue_token(&app, &caller.0, client, form.get("scope")).await;
    quota.set(Policy::Tokens, issued.quota);
    let token = issued.outcome?;
    let body = TokenBody {
        access_token: token.access_token,
        token_type: "Bearer",
        expires_in: token.expires_in,
        scope: token.scope.to_string(),
    };
    // RFC 6749 §5.1 requires both headers.
    let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    let mut response = HttpResponse::Ok();
    for header in no_store {
        response.insert_header(header);
    }
    Ok(response.json(body))
}
