//! Changing the password.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    door::{
        body::UnreadBody,
        caller::{Caller, Language, PasswordOwner},
        strict_json::present_password,
    },
    problem::{ChangeNotAuthorized, Problem, TooManyWrongPasswords, WrongNewPassword},
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

/// The form for a new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePassword {
    /// The current password: required with an access token, ignored with a change token.
    #[serde(default, deserialize_with = "present_password")]
    #[schema(
        value_type = String, required = false, format = Password, min_length = 1, max_length = 128,
        example = "Zimske-gume-27",
    )]
    current_password: Option<Password>,
    /// The new password, exactly as the customer typed it.
    #[serde(default, deserialize_with = "present_password")]
    #[schema(value_type = String, required, format = Password, max_length = 128, example = "Letne-pnevmatike-28")]
    new_password: Option<Password>,
    /// The new password, as the customer typed it a second time.
    #[serde(default, deserialize_with = "present_password")]
    #[schema(value_type = String, required, format = Password, max_length = 128, example = "Letne-pnevmatike-28")]
    new_password_confirmation: Option<Password>,
}

/// The answer to a change, which depends on the token that was sent.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum PasswordChanged {
    /// With an access token: the session continues with new tokens; the old ones are no longer valid.
    SignedIn(Box<ContinuedSession>),
    /// With a change token: the customer signs in next, as usual.
    SignInNext(PasswordReplaced),
}

/// The answer to a sign-in, with a message to show.
#[derive(Serialize, ToSchema)]
pub(super) struct ContinuedSession {
    /// A sentence to show, in the language of `Accept-Language`.
    #[schema(example = "Geslo je bilo zamenjano.")]
    message: String,
    /// The session that continues, with its new tokens.
    #[serde(flatten)]
    session: SessionBody,
}

/// The answer after a new password was set without a new session.
#[derive(Serialize, ToSchema)]
pub(super) struct PasswordReplaced {
    /// A sentence to show, in the language of `Accept-Language`.
    #[schema(example = "Geslo je bilo zamenjano.")]
    pub(super) message: String,
    /// The token of this device: keep it there for this customer number, and send it with the next sign-in.
    #[schema(example = "hB2nR8sLw0QdXk3ZpVtYc6MfJa9UeGi5oTrNlKxHy1S")]
    pub(super) device_token: String,
}

/// Changes the password
///
/// Signed in: send the access token and `current_password`, and continue with the new tokens of the answer; every other
/// session has ended. After 403 `password-expired`: send its `change_token` as bearer, without `current_password`, and
/// lead on to sign-in. On 422 mark every field that `errors` names; the change token is still valid. A wrong current
/// password counts among the failed sign-ins of this device: on 429 wait as long as `Retry-After` says.
#[utoipa::path(
    post, path = "/v1/account/password", operation_id = "changePassword", tag = "Account",
    request_body(content = ChangePassword, description = "The fields of the form", examples(
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
        ChangeNotAuthorized,
        WrongNewPassword,
        TooManyWrongPasswords,
    )
)]
pub(super) async fn change(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    PasswordOwner(bearer): PasswordOwner,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let body: ChangePassword = body.json().await?;
    let form = PasswordChange {
        current_password: body.current_password,
        new_password: body.new_password,
        new_password_confirmation: body.new_password_confirmation,
    };
    let message = text(locale, "password-replaced", &[]);
    Ok(HttpResponse::Ok().json(match identity::passwords::change(&app, &caller.0, bearer, form).await? {
        Changed::SignedIn(signed_in) => {
            let session = SessionBody::new(&app, *signed_in);
            PasswordChanged::SignedIn(Box::new(ContinuedSession { message, session }))
        }
        Changed::SignInNext(token) => {
            PasswordChanged::SignInNext(PasswordReplaced { message, device_token: token.expose().to_owned() })
        }
    }))
}
