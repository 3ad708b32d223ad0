//! Changing the password.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    door::{
        caller::{BearerToken, Caller, Language},
        strict_json::{StrictJson, present_password},
    },
    problem::{Problem, ProblemBody},
    sessions::SessionBody,
};
use crate::{
    app::App,
    identity::{
        self,
        passwords::{Changed, PasswordChange},
    },
    texts::text,
    types::Password,
};

/// The window for a change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePassword {
    /// Required with an access token; not looked at with a change token.
    #[serde(default, deserialize_with = "present_password")]
    #[schema(value_type = String, required = false, format = Password, min_length = 1, max_length = 128, example = "Zimske-gume-27")]
    current_password: Option<Password>,
    /// "Novo geslo", exactly as typed.
    #[serde(default, deserialize_with = "present_password")]
    #[schema(value_type = String, required, format = Password, max_length = 128, example = "Letne-pnevmatike-28")]
    new_password: Option<Password>,
    /// "Ponovno vnesite geslo".
    #[serde(default, deserialize_with = "present_password")]
    #[schema(value_type = String, required, format = Password, max_length = 128, example = "Letne-pnevmatike-28")]
    new_password_confirmation: Option<Password>,
}

/// The password is changed.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum PasswordChanged {
    /// With an access token: the session goes on with new tokens; the old ones serve no more.
    SignedIn(Box<SessionWithMessage>),
    /// With a change token: the customer signs in as usual.
    SignInNext(PasswordReplaced),
}

/// As after a sign-in, with a sentence to show.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionWithMessage {
    /// In the language of `Accept-Language`.
    #[schema(example = "Geslo je bilo zamenjano.")]
    message: String,
    /// The session that goes on.
    #[serde(flatten)]
    session: SessionBody,
}

/// The password is set; nobody is signed in by that.
#[derive(Serialize, ToSchema)]
pub(super) struct PasswordReplaced {
    /// In the language of `Accept-Language`.
    #[schema(example = "Geslo je bilo zamenjano.")]
    pub(super) message: String,
    /// Keep it on the device, per customer number, and send it with the next sign-in.
    #[schema(example = "hB2nR8sLw0QdXk3ZpVtYc6MfJa9UeGi5oTrNlKxHy1S")]
    pub(super) device_token: String,
}

/// Changes the password
///
/// Signed in: send the access token and `current_password`, and go on with the new tokens of the answer; every other
/// session has ended. After 403 `password-expired`: send its `change_token` as bearer, without `current_password`, and
/// lead on to sign-in. On 422 mark every field that `errors` names; the change token is still good. A wrong current
/// password counts among the failed sign-ins of this device: on 429 wait as long as `Retry-After` says.
#[utoipa::path(
    post, path = "/v1/account/password", operation_id = "changePassword", tag = "Account",
    security(("customer" = []), ("change" = [])),
    request_body(content = ChangePassword, description = "The fields of the window", examples(
        ("signed-in" = (summary = "With an access token", value = json!({
            "current_password": "Zimske-gume-27",
            "new_password": "Letne-pnevmatike-28",
            "new_password_confirmation": "Letne-pnevmatike-28",
        }))),
        ("expired" = (summary = "With a change token", value = json!({
            "new_password": "Letne-pnevmatike-28",
            "new_password_confirmation": "Letne-pnevmatike-28",
        }))),
    )),
    responses(
        (status = 200, description = "The password is changed", body = PasswordChanged),
        (status = 401, description = "`invalid-token`: the session has ended, or the change token was used or is over", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`: all wrong fields at once", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "`rate-limited`: too many wrong passwords", body = ProblemBody, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
    )
)]
pub(super) async fn change(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    bearer: Result<BearerToken, Problem>,
    StrictJson(body): StrictJson<ChangePassword>,
) -> Result<HttpResponse, Problem> {
    // Only here, so that a body that cannot be read is told first.
    let BearerToken(bearer) = bearer?;
    let form = PasswordChange {
        current_password: body.current_password,
        new_password: body.new_password,
        new_password_confirmation: body.new_password_confirmation,
    };
    let message = text(locale, "password-replaced", &[]);
    Ok(HttpResponse::Ok().json(match identity::passwords::change(&app, &caller.0, &bearer, form).await? {
        Changed::SignedIn(signed_in) => {
            let session = SessionBody::new(&app, *signed_in);
            PasswordChanged::SignedIn(Box::new(SessionWithMessage { message, session }))
        }
        Changed::SignInNext(token) => {
            PasswordChanged::SignInNext(PasswordReplaced { message, device_token: token.expose().to_owned() })
        }
    }))
}
