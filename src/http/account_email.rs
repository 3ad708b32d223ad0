//! The address on file: asking for another one, and confirming that it still holds.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    door::{
        body::UnreadBody,
        caller::{Authenticated, Caller, Language},
        strict_json::{present, present_password},
    },
    password_resets::Message,
    problem::{NoEmailOnFile, NoSelfService, Problem, SessionEnded, TooManyEmailChanges, WrongNewEmail},
};
use crate::{
    app::App,
    identity::{self, email_change::EmailChangeForm},
    texts::text,
    types::Password,
};

/// The form for another address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeEmail {
    /// The address that is to take the place of the one on file.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, format = Email, example = "narocila@example.si")]
    email: Option<String>,
    /// The current password, which counts among the failed sign-ins where it is wrong.
    #[serde(default, deserialize_with = "present_password")]
    #[schema(
        value_type = String, required, format = Password, min_length = 1, max_length = 128,
        example = "Zimske-gume-27",
    )]
    current_password: Option<Password>,
}

/// Asks for another address
///
/// A mail to the new address carries a link that confirms it, a mail to the present one a link that withdraws the change.
/// Show `message`: nothing changes before the confirmation, and the answer is the same for every address, whether or not a
/// mail goes there. The change ends with the session, with a new password, and after 24 hours. On 404 tell the customer to
/// call support; on 422 mark the fields; on 429 wait as long as `Retry-After` says. A wrong current password counts among
/// the failed sign-ins of this device.
#[utoipa::path(
    post, path = "/v1/account/email", operation_id = "changeEmail", tag = "Account",
    request_body(content = ChangeEmail, description = "The fields of the form"),
    responses(
        (status = 202, description = "The change waits for its confirmation", body = Message),
        SessionEnded,
        NoSelfService,
        WrongNewEmail,
        TooManyEmailChanges,
    )
)]
pub(super) async fn ask(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    Authenticated(customer): Authenticated,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let ChangeEmail { email, current_password } = body.json().await?;
    identity::email_change::ask(&app, &caller.0, customer, EmailChangeForm { email, current_password }).await?;
    Ok(HttpResponse::Accepted().json(Message { message: text(locale, "email-change-asked", &[]) }))
}

/// Confirms the present address
///
/// "Still mine": call it when the customer says so, after `email_state` `confirm_due`. The customer is asked again in a
/// year.
#[utoipa::path(
    post, path = "/v1/account/email/confirmation", operation_id = "confirmPresentEmail", tag = "Account",
    responses(
        (status = 204, description = "The address is confirmed"),
        SessionEnded,
        NoEmailOnFile,
    )
)]
pub(super) async fn confirm_present(
    app: web::Data<App>,
    caller: Caller,
    Authenticated(customer): Authenticated,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    body.no_fields().await?;
    identity::email_change::confirm_present(&app, &caller.0, customer).await?;
    Ok(HttpResponse::NoContent().finish())
}
