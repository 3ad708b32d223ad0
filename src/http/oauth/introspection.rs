//! What a token is worth (RFC 7662).

use actix_web::{HttpResponse, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    authentication::{Authenticated, Credentials, authenticate},
    error::OAuthError,
    responses::{
        ClientNotAuthenticated, FormTooLarge, ServerError, ServiceUnavailable, TooManyIntrospections,
        WrongTokenForm,
    },
};
use crate::{
    app::App,
    crypto::{CUSTOMER_CLIENT, Frame},
    http::door::{
        body::UnreadBody,
        caller::Caller,
        quota::{Policy, QuotaSlot},
    },
    identity::clients::{Introspection, introspect},
    types::UtcTime,
};

pub(super) const NO_TOKEN: OAuthError = OAuthError::InvalidRequest("the parameter token is missing");

/// The token in question.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; `Form` reads it")]
pub(super) struct IntrospectionRequest {
    /// The token as it was presented to you.
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
/// What a token is worth. Of one that is worth nothing, `active` alone is told.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = Introspection)]
pub(super) struct IntrospectionBody {
    /// Whether the token is live at this moment.
    #[schema(example = true)]
    active: bool,
    /// The scopes that the token grants, separated by spaces; left out for a customer's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "support:read")]
    scope: Option<String>,
    /// The client that the token was issued to: `stakis` for all customers, or your own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "stakis")]
    client_id: Option<String>,
    /// The text `Bearer` for an access token; left out for a refresh token, which opens nothing by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "Bearer")]
    token_type: Option<&'static str>,
    /// The moment at which the token expires, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false, example = 1_795_770_600)]
    exp: Option<u64>,
    /// The moment at which the token was issued, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false, example = 1_795_770_000)]
    iat: Option<u64>,
    /// The id of the customer's account, or that of the client. It is never a customer number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
    sub: Option<String>,
    /// The service that the token is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "https://identity.example.com")]
    aud: Option<String>,
    /// The issuer of the token, which is the `issuer` of the metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "https://identity.example.com")]
    iss: Option<String>,
    /// The id of the access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "jq5r2mz7wkx4c6tvn8bdypa3he")]
    jti: Option<String>,
}

impl From<Introspection> for IntrospectionBody {
    fn from(told: Introspection) -> Self {
        match told {
            Introspection::Inactive => Self::default(),
            Introspection::AccessToken { frame: Frame { iss, aud, iat, exp, jti }, client_id, sub, scope } => {
                Self {
                    active: true,
                    scope: scope.map(|scope| scope.to_string()),
                    client_id: Some(client_id),
                    token_type: Some("Bearer"),
                    exp: Some(exp),
                    iat: Some(iat),
                    sub: Some(sub),
                    aud: Some(aud),
                    iss: Some(iss),
                    jti: Some(jti),
                }
            }
            Introspection::RefreshToken { iss, sub, issued_at, expires_at } => Self {
                active: true,
                client_id: Some(CUSTOMER_CLIENT.to_owned()),
                exp: seconds(expires_at),
                iat: seconds(issued_at),
                sub: Some(sub),
                iss: Some(iss),
                ..Self::default()
            },
        }
    }
}

fn seconds(moment: UtcTime) -> Option<u64> {
    u64::try_from(moment.and_utc().timestamp()).ok()
}

/// Tells what a token is worth
///
/// For a machine client that takes customers' tokens and wants to know at once when one ends, by a sign-out, a new password
/// or a closing (RFC 7662). It tells of customers' access and refresh tokens, and of your own access tokens; of every other
/// text the answer is `{"active": false}` and nothing more. Where ten minutes do not matter, verify access tokens by
/// `/.well-known/jwks.json` instead, without a call. Nothing is used up. A client that presents many texts that were never
/// issued gets 429 for these.
#[utoipa::path(
    post, path = "/oauth2/introspect", operation_id = "introspectToken", tag = "Tokens",
    request_body(
        content = IntrospectionRequest, content_type = "application/x-www-form-urlencoded",
        description = "The token in question",
    ),
    responses(
        (
            status = 200, description = "What the token is worth at this moment", body = IntrospectionBody,
            headers(("Pragma" = String, description = "Always `no-cache`, for HTTP/1.0 caches")),
        ),
        WrongTokenForm,
        ClientNotAuthenticated,
        FormTooLarge,
        TooManyIntrospections,
        ServerError,
        ServiceUnavailable,
    )
)]
pub(in crate::http) async fn show(
    app: web::Data<App>,
    caller: Caller,
    credentials: Credentials,
    quota: QuotaSlot,
    body: UnreadBody,
) -> Result<HttpResponse, OAuthError> {
    let Authenticated { client, form } = authenticate(&app, &caller.0, credentials, body).await?;
    let told = introspect(&app, &caller.0, client, form.get("token").ok_or(NO_TOKEN)?).await;
    quota.set(Policy::Calls, told.quota);
    let body = IntrospectionBody::from(told.outcome?);
    Ok(HttpResponse::Ok().insert_header((header::PRAGMA, "no-cache")).json(body))
}
