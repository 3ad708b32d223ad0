//! The end of a token before its time (RFC 7009).

use actix_web::{HttpResponse, http::header, web};
use utoipa::ToSchema;

use super::{
    authentication::{Authenticated, Credentials, authenticate},
    error::OAuthError,
    introspection::NO_TOKEN,
    responses::{
        ClientNotAuthenticated, FormTooLarge, ServerError, ServiceUnavailable, TooManyClientCalls, WrongTokenForm,
    },
};
use crate::{
    app::App,
    http::door::{
        body::UnreadBody,
        caller::Caller,
        quota::{Policy, QuotaSlot},
    },
    identity::clients::revoke_token,
};

/// The token to revoke.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; `Form` reads it")]
pub(super) struct RevocationRequest {
    /// An access token that you were issued.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    token: String,
    /// What kind of token it may be. The service finds that out by itself and ignores the hint.
    #[schema(value_type = String, required = false, example = "access_token")]
    token_type_hint: Option<String>,
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
/// Revokes an access token of the calling client
///
/// For a token that may have been seen by others (RFC 7009). This service refuses it at once and introspection calls it
/// inactive; other services that verify it by `/.well-known/jwks.json` take it until it expires. The answer is 200 for every
/// other token too, and changes nothing: text that is no token, an expired one, another client's, and a customer's, which
/// ends by `DELETE /v1/sessions/current`.
#[utoipa::path(
    post, path = "/oauth2/revoke", operation_id = "revokeToken", tag = "Tokens",
    request_body(
        content = RevocationRequest, content_type = "application/x-www-form-urlencoded",
        description = "The token to revoke",
    ),
    responses(
        (
            status = 200, description = "The token opens nothing here from now on; the answer has no body",
            headers(("Pragma" = String, description = "Always `no-cache`, for HTTP/1.0 caches")),
        ),
        WrongTokenForm,
        ClientNotAuthenticated,
        FormTooLarge,
        TooManyClientCalls,
        ServerError,
        ServiceUnavailable,
    )
)]
pub(in crate::http) async fn revoke(
    app: web::Data<App>,
    caller: Caller,
    credentials: Credentials,
    quota: QuotaSlot,
    body: UnreadBody,
) -> Result<HttpResponse, OAuthError> {
    let Authenticated { client, form } = authenticate(&app, &caller.0, credentials, body).await?;
    let revoked = revoke_token(&app, &caller.0, client, form.get("token").ok_or(NO_TOKEN)?).await;
    quota.set(Policy::Calls, revoked.quota);
    revoked.outcome?;
    Ok(HttpResponse::Ok().insert_header((header::PRAGMA, "no-cache")).finish())
}
