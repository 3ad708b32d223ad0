//! Tokens for machine clients (RFC 6749).

use actix_web::{HttpResponse, http::header, web};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    client_credentials::BasicClient,
    error::OAuthError,
    form::Form,
    responses::{
        ClientNotAuthenticated, FormTooLarge, ServerError, ServiceUnavailable, TooManyWrongSecrets,
        WrongTokenRequest,
    },
};
use crate::{
    app::App,
    http::door::{body::UnreadBody, caller::Caller},
    identity,
};

const TWICE_AUTHENTICATED: OAuthError =
    OAuthError::InvalidRequest("the client authenticates in more than one way; HTTP Basic alone is taken");
const ANOTHER_CLIENT: OAuthError =
    OAuthError::InvalidRequest("the parameter client_id names another client than HTTP Basic does");
/// What authenticates a client in a form: `client_secret_post` (RFC 6749 §2.3.1), and an assertion (RFC 7521 §4.2).
const AUTHENTICATING_PARAMETERS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];
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
/// Both go into HTTP Basic authentication, each form-urlencoded first (§2.3.1); in the form a secret is refused, and so
/// is another client's id. Use a token until shortly before it expires, then ask for the next. There is no refresh
/// token. A 400 is a mistake in the calling program and a 401 one in its settings: tell an operator. On 429 and 503
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
        TooManyWrongSecrets,
        ServerError,
        ServiceUnavailable,
    )
)]
pub(in crate::http) async fn issue(
    app: web::Data<App>,
    caller: Caller,
    client: BasicClient,
    body: UnreadBody,
) -> Result<HttpResponse, OAuthError> {
    let secret = client.secret.expose_secret();
    let proven = identity::clients::prove(&app, &caller.0, &client.id, secret).await?;
    let form = Form::read(body).await?;
    check_no_other_client(&client, &form)?;
    if form.get("grant_type").ok_or(NO_GRANT_TYPE)? != "client_credentials" {
        return Err(OAuthError::UnsupportedGrantType);
    }
    let token = identity::clients::issue_token(&app, &caller.0, proven, form.get("scope")).await?;
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

/// Refuses a form that authenticates the client once more, or that names another client (RFC 6749 §2.3 and §5.2).
fn check_no_other_client(client: &BasicClient, form: &Form) -> Result<(), OAuthError> {
    if AUTHENTICATING_PARAMETERS.into_iter().any(|name| form.get(name).is_some()) {
        return Err(TWICE_AUTHENTICATED);
    }
    if form.get("client_id").is_some_and(|id| id != client.id) { Err(ANOTHER_CLIENT) } else { Ok(()) }
}
