//! Signing in, going on, seeing and ending sessions.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    account::PasswordStateBody,
    door::{
        caller::{Authenticated, Caller},
        strict_json::{StrictJson, present, present_password},
    },
    problem::{Problem, ProblemBody},
    timestamp::timestamp,
};
use crate::{
    app::App,
    identity::{
        self, Credentials, Field, FieldError,
        sessions::{SessionsToEnd, SignedIn},
    },
    types::{Password, SessionId, device_name},
};

/// The sign-in window.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateSession {
    /// "Uporabniško ime".
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "004217")]
    customer_number: Option<String>,
    /// "Geslo", exactly as typed.
    #[serde(default, deserialize_with = "present_password")]
    #[schema(value_type = String, required, format = Password, min_length = 1, max_length = 128, example = "Zimske-gume-27")]
    password: Option<Password>,
    /// What the last sign-in, refresh, change or reset handed out for this customer on this device. With it the
    /// customer gets in while strangers try passwords on the number; one that is not known counts for nothing.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, example = "hB2nR8sLw0QdXk3ZpVtYc6MfJa9UeGi5oTrNlKxHy1S")]
    device_token: Option<String>,
    /// Of work, where 403 `challenge-required` asked for it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, example = "nB7mT3xQ0aVd2KfY.12.1795356300.u2Zr0pQmT1c8Xo5dLk9VbW3eJfHs6yNaGi7tCqRz4Mw.811-5120-97-2204-318-7-12001-640-3300-41-86-9100-1777-520-2600-15")]
    proof: Option<String>,
}

/// A session that goes on.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionBody {
    /// Names the session among the customer's others.
    #[schema(example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")]
    session_id: String,
    /// For `Authorization: Bearer …`: an RFC 9068 JWT that `/.well-known/jwks.json` verifies.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// The access token's life, in seconds.
    #[schema(example = 600)]
    expires_in: u64,
    /// For the next access token, once: `POST /v1/sessions/refresh` answers with the next refresh token.
    #[schema(example = "Vt5Yc6MfJa9UeGi0oTrNlKxHy1SqWcEr4T6yUi8oP2z")]
    refresh_token: String,
    /// How long it may wait, in seconds: the idle lifetime, or what is left of the session where that is less.
    #[schema(example = 2_592_000)]
    refresh_expires_in: i64,
    /// Keep it on the device, per customer number and beyond the session, and send it with the next sign-in.
    #[schema(example = "hB2nR8sLw0QdXk3ZpVtYc6MfJa9UeGi5oTrNlKxHy1S")]
    device_token: String,
    /// Whose session it is.
    account: SessionAccount,
    /// How the password stands.
    password: PasswordStateBody,
}

/// The account of a session.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionAccount {
    /// Opaque and permanent; the `sub` of the token.
    #[schema(example = "5dm3xk7q2wvh4tjb6crn8ysz0a")]
    id: String,
    /// What the customer signs in with.
    #[schema(example = "004217")]
    customer_number: String,
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
            },
            password: PasswordStateBody::from(signed_in.password),
            access_token: signed_in.access_token,
        }
    }
}

/// Signs in
///
/// Keep `refresh_token` for the next access token and `device_token` for the next sign-in. On 401 say that number or
/// password is wrong: which of them, nobody is told. What follows is answered only after the right password. On 403
/// `account-closed` show the support contact. On 403 `password-expired` with `reason` `expired` let the customer
/// choose a new password and send it to `POST /v1/account/password` with `change_token` as bearer; with another
/// `reason` say that a reset mail is on its way. On 429 wait as long as `Retry-After` says. Where
/// `password.change_recommended` is true, suggest a change.
#[utoipa::path(
    post, path = "/v1/sessions", operation_id = "createSession", tag = "Sessions",
    request_body(content = CreateSession, description = "What was typed, and what is known of this device"),
    responses(
        (status = 201, description = "Signed in", body = SessionBody, links(
            ("refresh" = (
                operation_id = "refreshSession",
                request_body = json!({ "refresh_token": "$response.body#/refresh_token" }),
                description = "The refresh token brings the next access token",
            )),
            ("end" = (
                operation_id = "endSession",
                parameters(("id" = "$response.body#/session_id")),
                description = "The session can be ended from another one of the customer's",
            )),
        )),
        (status = 401, description = "`invalid-credentials`: number or password is wrong, and nobody is told which", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "`password-expired`, `account-closed`, or `challenge-required`: solve `challenge`, as `POST /v1/challenges` describes, and repeat with `proof`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`: all wrong fields at once", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "`rate-limited`: too many failures for this number or from this device, or too many sign-ins from one source", body = ProblemBody, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
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

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshSession {
    /// As the last answer held it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, example = "Vt5Yc6MfJa9UeGi0oTrNlKxHy1SqWcEr4T6yUi8oP2z")]
    refresh_token: Option<String>,
}

/// Carries a session on
///
/// Each refresh token serves once: keep the new one before you use the access token, and let one place of your
/// program do the refreshing. A token presented a second time ends the session, since it must have been in two hands;
/// only the directly preceding one within 10 seconds is plainly refused, as of a client that sent twice. On 401 the
/// customer signs in again.
#[utoipa::path(
    post, path = "/v1/sessions/refresh", operation_id = "refreshSession", tag = "Sessions",
    request_body(content = RefreshSession, description = "The refresh token of the last answer"),
    responses(
        (status = 200, description = "The session goes on", body = SessionBody),
        (status = 401, description = "`invalid-token`: used, unknown, too old, or its session or password has expired", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`: the token is missing", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "`rate-limited`: too many tokens that never were any, from one source", body = ProblemBody, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
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

/// The customer's sessions.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionList {
    /// Those that go on, the one used last first.
    sessions: Vec<ListedSession>,
}

/// One session.
#[derive(Serialize, ToSchema)]
pub(super) struct ListedSession {
    /// For `DELETE /v1/sessions/{id}`.
    #[schema(example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")]
    id: String,
    /// When the customer signed in.
    #[schema(format = DateTime, example = "2026-11-22T13:10:00Z")]
    created_at: String,
    /// The last use here, to the minute.
    #[schema(format = DateTime, example = "2026-11-22T13:40:00Z")]
    last_used_at: String,
    /// Program and system, as far as the client told; null where it did not.
    #[schema(example = "Firefox, Windows")]
    device: Option<String>,
    /// The network it came from.
    #[schema(example = "192.0.2.0/24")]
    source: Option<String>,
    /// Whether it is the session that asks.
    #[schema(example = true)]
    current: bool,
}

/// Lists the own sessions
///
/// Show device, network and last use, with a way to end each. Networks are shortened: enough to recognise "not from
/// here". On 401 refresh the access token, or let the customer sign in again.
#[utoipa::path(
    get, path = "/v1/sessions", operation_id = "listSessions", tag = "Sessions",
    security(("customer" = [])),
    responses(
        (status = 200, description = "The sessions that go on", body = SessionList),
        (status = 401, description = "`invalid-token`: the session has ended or the access token has expired", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    app: web::Data<App>,
    Authenticated(customer): Authenticated,
) -> Result<HttpResponse, Problem> {
    let sessions = identity::sessions::list(&app, &customer).await?;
    let sessions = sessions
        .into_iter()
        .map(|session| ListedSession {
            current: session.id == customer.session.id,
            id: session.id.as_str().to_owned(),
            created_at: timestamp(session.created_at),
            last_used_at: timestamp(session.last_used_at),
            device: session.user_agent.as_deref().and_then(device_name),
            source: session.source,
        })
        .collect();
    Ok(HttpResponse::Ok().json(SessionList { sessions }))
}

/// Ends all other sessions
///
/// The one that asks goes on. The others' refresh tokens end everywhere, their access tokens here at once and
/// elsewhere when they expire. On 204 read the list again.
#[utoipa::path(
    delete, path = "/v1/sessions", operation_id = "endOtherSessions", tag = "Sessions",
    security(("customer" = [])),
    responses(
        (status = 204, description = "They have ended"),
        (status = 401, description = "`invalid-token`: the session has ended or the access token has expired", body = ProblemBody, content_type = "application/problem+json"),
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
/// Ends the session that asks. Forget its tokens, on 401 too; keep the device token for the next sign-in.
#[utoipa::path(
    delete, path = "/v1/sessions/current", operation_id = "endCurrentSession", tag = "Sessions",
    security(("customer" = [])),
    responses(
        (status = 204, description = "It has ended"),
        (status = 401, description = "`invalid-token`: it had ended before", body = ProblemBody, content_type = "application/problem+json"),
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
/// On 204 it has ended, on 404 it had ended before: read the list again.
#[utoipa::path(
    delete, path = "/v1/sessions/{id}", operation_id = "endSession", tag = "Sessions",
    security(("customer" = [])),
    params(("id" = String, Path, description = "The session's `id`, as the list has it", example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")),
    responses(
        (status = 204, description = "It has ended"),
        (status = 401, description = "`invalid-token`: the session has ended or the access token has expired", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`: no session of this customer goes on under this id", body = ProblemBody, content_type = "application/problem+json"),
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
