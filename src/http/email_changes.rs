//! The links in the mails about a change of the address: one confirms it, the other withdraws it.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    door::{
        caller::{Caller, Language},
        strict_json::{StrictJson, present},
    },
    password_resets::Message,
    problem::{EmailChangeUnusable, Problem, TooManyLinkNumbers, TooManyUnknownTokens, WrongNumberOfLink},
};
use crate::{
    app::App,
    identity::{self, abuse::LinkForm},
    texts::text,
    types::CustomerNumber,
};

/// The link of a mail, and whose it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UseLink {
    /// The token from the link, unchanged.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, example = "qWcEr4T6yUi8oP0aSdFgHjKlZxCvBnM1q2W3e4R5t6Y")]
    token: Option<String>,
    /// The customer number that the mail was sent for.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CustomerNumber, required)]
    customer_number: Option<String>,
}

impl From<UseLink> for LinkForm {
    fn from(UseLink { token, customer_number }: UseLink) -> Self {
        Self { token, customer_number }
    }
}

/// Confirms a new address
///
/// For the link in the mail to the new address. The address is on file from then on, reset links for the old one end, and
/// the old one is told. For a day, or for a week where mail to the old one came back, no reset link goes to the new
/// address. The customer types the number: a mail scanner that
/// opens the page and presses its button does not know it. On 200 and on 410 show the sentence of the answer; on 422 mark
/// the field: the fifth number that is not the account's ends the change.
#[utoipa::path(
    post, path = "/v1/email-changes/confirm", operation_id = "confirmEmailChange", tag = "Account",
    request_body(content = UseLink, description = "The token of the link, and whose it is"),
    responses(
        (status = 200, description = "The new address is on file", body = Message),
        EmailChangeUnusable,
        WrongNumberOfLink,
        TooManyUnknownTokens,
    )
)]
pub(super) async fn confirm(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    StrictJson(body): StrictJson<UseLink>,
) -> Result<HttpResponse, Problem> {
    identity::email_change::confirm(&app, &caller.0, body.into()).await?;
    Ok(HttpResponse::Ok().json(Message { message: text(locale, "email-changed", &[]) }))
}

/// Withdraws a change of the address
///
/// For the link "this was not me" in the mail to the old address. It ends a change that waits, and nothing else: a change
/// that was confirmed is contested by a lock-down. On 200 and on 410 show the sentence of the answer; on 422 mark the field.
#[utoipa::path(
    post, path = "/v1/email-changes/withdraw", operation_id = "withdrawEmailChange", tag = "Account",
    request_body(content = UseLink, description = "The token of the link, and whose it is"),
    responses(
        (status = 200, description = "The change is withdrawn", body = Message),
        EmailChangeUnusable,
        WrongNumberOfLink,
        TooManyLinkNumbers,
    )
)]
pub(super) async fn withdraw(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    StrictJson(body): StrictJson<UseLink>,
) -> Result<HttpResponse, Problem> {
    identity::email_change::withdraw(&app, &caller.0, body.into()).await?;
    Ok(HttpResponse::Ok().json(Message { message: text(locale, "email-change-withdrawn", &[]) }))
}
