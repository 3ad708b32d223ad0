//! Sessions: begin one by signing in, refresh it, end them.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    account::PasswordStateBody,
    door::{
        caller::{Authenticated, Caller},
        strict_json::{StrictJson, present, present_password},
    },
    problem::{
        NoSuchSession, Problem, RefreshTokenMissing, RefreshTokenUnusable, SessionEnded, SignInRefused,
        TooManySignIns, TooManyUnknownTokens, WrongCredentials, WrongSignInFields,
    },
};
use crate::{
    app::App,
    identity::{
        self, Credentials, EmailState, Field, FieldError,
        sessions::{SessionsToEnd, SignedIn},
    },
    types::{CustomerNumber, Password, SessionId},
};

/// The form for signing in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateSession {
    /// The number that the customer signs in with.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CustomerNumber, required)]
    customer_number: Option<String>,
    /// The password, exactly as the customer typed it.
    #[serde(default, deserialize_with = "present_password")]
    #[schema(
        value_type = String, required, format = Password, min_length = 1, max_length = 128,
        example = "Zimske-gume-27",
    )]
    password: Option<Password>,
    /// The token that the last sign-in, refresh, change or reset gave to this device for this customer. With it the
    /// customer can sign in while strangers try passwords on the number; a token that is not known is ignored.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, example = "hB2nR8sLw0QdXk3ZpVtYc6MfJa9UeGi5oTrNlKxHy1S")]
    device_token: Option<String>,
    /// The proof of work, required after 403 `challenge-required`.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        value_type = String, required = false,
        example = "nB7mT3xQ0aVd2KfY.12.1795356300.u2Zr0pQmT1c8Xo5dLk9VbW3eJfHs6yNaGi7tCqRz4Mw.811-5120-97-2204-318-7-\
            12001-640-3300-41-86-9100-1777-520-2600-15",
    )]
    proof: Option<String>,
}

/// A session that has begun or continues.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionBody {
    /// The id of the session among all sessions of the customer.
    #[schema(example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")]
    session_id: String,
    /// The token for `Authorization: Bearer …`, an RFC 9068 JWT that `/.well-known/jwks.json` verifies.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    access_token: String,
    /// Always the text `Bearer`, as OAuth 2.0 names it.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// The lifetime of the access token, in seconds.
    #[schema(example = 600)]
    expires_in: u64,
    /// The token for the next access token; `POST /v1/sessions/refresh` exchanges it once and answers with its
    /// successor.
    #[schema(example = "Vt5Yc6MfJa9UeGi0oTrNlKxHy1SqWcEr4T6yUi8oP2z")]
    refresh_token: String,
    /// The lifetime of the refresh token, in seconds: the idle lifetime, or what is left of the session where that is
    /// less.
    #[schema(example = 2_592_000)]
    refresh_expires_in: i64,
    /// The token of this device: keep it there for this customer number, beyond the session, and send it with the next
    /// sign-in.
    #[schema(example = "hB2nR8sLw0QdXk3ZpVtYc6MfJa9UeGi5oTrNlKxHy1S")]
    device_token: String,
    /// The account that the session belongs to.
    account: SessionAccount,
    /// The age and the state of the password.
    password: PasswordStateBody,
}

/// The account that a session belongs to.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionAccount {
    /// The permanent and opaque id of the account, the `sub` of its access tokens.
    #[schema(example = "5dm3xk7q2wvh4tjb6crn8ysz0a")]
    id: String,
    /// The number that the customer signs in with.
    #[schema(value_type = CustomerNumber)]
    customer_number: String,
    /// Whether mail reaches the address on file.
    email_state: EmailState,
}

impl SessionBody {
    pub(super) fn new(app: &App, signed_in: SignedIn) -> Self {
        let account = &signed_in.account;
        Self {
            session_id: signed_in.session_id.as_str().to_owned(),
            token_type: "Bearer",
            expires_in: app.signer.lifetime_seconds(),
            refresh_token: signed_in.refresh_token.expose().to_owned(),
            refresh_expires_in: signed_in.refresh_expires_in,
            device_token: signed_in.device_token.expose().to_owned(),
            account: SessionAccount {
                id: account.id.as_str().to_owned(),
                customer_number: account.customer_number.as_str().to_owned(),
                email_state: signed_in.email_state,
            },
            password: PasswordStateBody::from(signed_in.password),
            access_token: signed_in.access_token,
        }
    }
}

/// Signs in
///
/// Keep `refresh_token` for the next access token and `device_token` for the next sign-in. On 401 say that the number
/// or the password is wrong: the answer does not tell which. The following refusals come only after the right password.
/// On 403 `account-closed` show the support contact. On 403 `password-expired` with `reason` `expired` let the customer
/// choose a new password and send it to `POST /v1/account/password` with `change_token` as bearer; with another
/// `reason` say that a reset mail will arrive shortly. On 429 wait as long as `Retry-After` says. Where
/// `password.change_recommended` is true, suggest a change.
#[utoipa::path(
    post, path = "/v1/sessions", operation_id = "createSession", tag = "Sessions",
    request_body(content = CreateSession, description = "What the customer typed, and the tokens of the device"),
    responses(
        (status = 201, description = "The customer is signed in", body = SessionBody, links(
            ("refresh" = (
                operation_id = "refreshSession",
                description = "`refresh_token` of the answer is exchanged for the next access token",
            )),
            ("end" = (
                operation_id = "endSession",
                parameters(("id" = "$response.body#/session_id")),
                description = "Another session of the customer can end this one",
            )),
        )),
        WrongCredentials,
        SignInRefused,
        WrongSignInFields,
        TooManySignIns,
    )
)]
pub(super) async fn create(
    app: web::Data<App>,
    caller: Caller,
    StrictJson(body): StrictJson<CreateSession>,
) -> Result<HttpResponse, Problem> {
    let CreateSession { customer_number, password, device_token, proof } = body;
    let credentials = Credentials { customer_number, password, device_token, proof };
    let signed_in = identity::sign_in(&app, &caller.0, credentials).await?;
    Ok(HttpResponse::Created().json(SessionBody::new(&app, signed_in)))
}

/// The refresh token of a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshSession {
    /// The refresh token, exactly as the last answer gave it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, example = "Vt5Yc6MfJa9UeGi0oTrNlKxHy1SqWcEr4T6yUi8oP2z")]
    refresh_token: Option<String>,
}

/// Continues a session
///
/// Each refresh token is exchanged once: keep the new one before you use the access token, and refresh in one place of
/// your program. Where the answer was lost, send the same token again: for 30 seconds after its use
/// (`STAKIS_REFRESH_GRACE_SECONDS`), and until its successor is used, the same program gets the same successor again,
/// at most three times, with a new access token. A further call within that time, or one after the successor was used, is
/// refused, and the session continues. Any other used token ends the session, because two programs must have had it; a
/// session in which answers are fetched again often, or from changing
/// networks, ends as well. On 401 the customer signs in again.
#[utoipa::path(
    post, path = "/v1/sessions/refresh", operation_id = "refreshSession", tag = "Sessions",
    request_body(content = RefreshSession, description = "The refresh token of the last answer"),
    responses(
        (status = 200, description = "The session continues with new tokens", body = SessionBody),
        RefreshTokenUnusable,
        RefreshTokenMissing,
        TooManyUnknownTokens,
    )
)]
pub(super) async fn refresh(
    app: web::Data<App>,
    caller: Caller,
    StrictJson(body): StrictJson<RefreshSession>,
) -> Result<HttpResponse, Problem> {
    let missing = || Problem::ValidationFailed(vec![FieldError::required(Field::RefreshToken)]);
    let refresh_token = body.refresh_token.ok_or_else(missing)?;
    let signed_in = identity::sessions::refresh(&app, &caller.0, &refresh_token).await?;
    Ok(HttpResponse::Ok().json(SessionBody::new(&app, signed_in)))
}

/// Ends all other sessions
///
/// The session of the access token continues. All others end: this service refuses their tokens at once; other services
/// accept their access tokens until they expire. On 204 read the list again.
#[utoipa::path(
    delete, path = "/v1/sessions", operation_id = "endOtherSessions", tag = "Sessions",
    responses(
        (status = 204, description = "All other sessions have ended"),
        SessionEnded,
    )
)]
pub(super) async fn end_others(
    app: web::Data<App>,
    caller: Caller,
    authenticated: Authenticated,
) -> Result<HttpResponse, Problem> {
    end(&app, caller, authenticated, SessionsToEnd::AllOthers).await
}

/// Signs out
///
/// Ends the session of the access token that was sent. Forget its tokens, on 401 too; keep the device token for the next sign-in.
#[utoipa::path(
    delete, path = "/v1/sessions/current", operation_id = "endCurrentSession", tag = "Sessions",
    responses(
        (status = 204, description = "The session has ended"),
        SessionEnded,
    )
)]
pub(super) async fn end_current(
    app: web::Data<App>,
    caller: Caller,
    authenticated: Authenticated,
) -> Result<HttpResponse, Problem> {
    end(&app, caller, authenticated, SessionsToEnd::This).await
}

/// Ends one session
///
/// On 204 the session has ended; on 404 it had ended before. Read the list again in both cases.
#[utoipa::path(
    delete, path = "/v1/sessions/{id}", operation_id = "endSession", tag = "Sessions",
    params((
        "id" = String, Path,
        description = "The `id` of the session in the list", example = "3nqk7d2xw5h6tjv4bcrm8ysz0a",
    )),
    responses(
        (status = 204, description = "The session has ended"),
        SessionEnded,
        NoSuchSession,
    )
)]
pub(super) async fn end_one(
    app: web::Data<App>,
    caller: Caller,
    authenticated: Authenticated,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = SessionId::parse(&id).ok_or(Problem::NotFound)?;
    end(&app, caller, authenticated, SessionsToEnd::One(id)).await
}

async fn end(
    app: &App,
    caller: Caller,
    Authenticated(customer): Authenticated,
    which: SessionsToEnd,
) -> Result<HttpResponse, Problem> {
    identity::sessions::end(app, &caller.0, customer, which).await?;
    Ok(HttpResponse::NoContent().finish())
}
