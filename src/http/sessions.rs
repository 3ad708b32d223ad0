//! Signing in.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    account::PasswordState,
    caller::Caller,
    password_resets::customer_number,
    problem::{Problem, ProblemBody},
    strict_json::{StrictJson, present, present_password},
};
use crate::{
    app::App,
    identity::{self, Field, FieldError},
    types::Password,
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
}

/// A session that has begun.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionStarted {
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
    /// Whose session it is.
    account: SessionAccount,
    /// How the password stands.
    password: PasswordState,
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

/// Signs in
///
/// On 401 say that number or password is wrong: which of them, nobody is told. On 403 `account-closed` show the
/// support contact; it is answered only after the right password.
#[utoipa::path(
    post, path = "/v1/sessions", operation_id = "createSession", tag = "Sessions",
    request_body = CreateSession,
    responses(
        (status = 201, description = "Signed in", body = SessionStarted),
        (status = 401, description = "`invalid-credentials`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "`account-closed`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`: all wrong fields at once", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(
    app: web::Data<App>,
    caller: Caller,
    StrictJson(body): StrictJson<CreateSession>,
) -> Result<HttpResponse, Problem> {
    let number = customer_number(body.customer_number.as_deref());
    let password = sign_in_password(body.password);
    let (number, password) = match (number, password) {
        (Ok(number), Ok(password)) => (number, password),
        (number, password) => {
            let errors = [number.err(), password.err()].into_iter().flatten().collect();
            return Err(Problem::ValidationFailed(errors));
        }
    };
    let signed_in = identity::sign_in(&app, &caller.0, number, &password).await?;
    let account = &signed_in.account;
    Ok(HttpResponse::Created().json(SessionStarted {
        session_id: signed_in.session_id.as_str().to_owned(),
        access_token: signed_in.access_token,
        token_type: "Bearer",
        expires_in: app.signer.lifetime().as_secs(),
        account: SessionAccount {
            id: account.id.as_str().to_owned(),
            customer_number: account.customer_number.as_str().to_owned(),
        },
        password: PasswordState::of(&app, account),
    }))
}

/// Only the length counts here: what was a good password once must go on serving for sign-in (CH-10).
fn sign_in_password(password: Option<Password>) -> Result<Password, FieldError> {
    let password = password.ok_or(FieldError::required(Field::Password))?;
    match password.character_count() {
        0 => Err(FieldError::password_length("too_short")),
        length if length > Password::MAX_CHARACTERS => Err(FieldError::password_length("too_long")),
        _ => Ok(password),
    }
}
