//! Reset links: ask for one, verify it, set the new password with it, withdraw it.

use actix_web::{HttpResponse, web};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    account_password::PasswordReplaced,
    door::{
        caller::{Caller, Language},
        strict_json::{StrictJson, present, present_password},
    },
    problem::{
        LinkTokenMissing, LinkUnusable, Problem, ProofRequired, TooManyResetRequests, TooManyUnknownTokens,
        TooManyWithdrawals, WrongCustomerNumber, WrongNewPassword, WrongNumberOfLink,
    },
    timestamp::timestamp,
};
use crate::{
    app::App,
    identity::{
        self, Field, FieldError,
        abuse::LinkForm,
        reset::{NewPasswordForm, ResetForm},
    },
    texts::text,
    types::{CustomerNumber, Password},
};

/// The least wait that the answer names, however short the cool-down is set.
const LEAST_RESEND_AFTER: TimeDelta = TimeDelta::minutes(5);

/// The form for a forgotten password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreatePasswordReset {
    /// The customer number whose password is forgotten.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CustomerNumber, required)]
    customer_number: Option<String>,
    /// The proof of work, required after 403 `challenge-required`.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        value_type = String, required = false,
        example = "nB7mT3xQ0aVd2KfY.12.1795356300.u2Zr0pQmT1c8Xo5dLk9VbW3eJfHs6yNaGi7tCqRz4Mw.811-5120-97-2204-318-7-\
            12001-640-3300-41-86-9100-1777-520-2600-15",
    )]
    proof: Option<String>,
}

/// The answer to a reset request, the same for every number.
#[derive(Serialize, ToSchema)]
pub(super) struct PasswordResetRequested {
    /// A sentence to show, in the language of `Accept-Language`.
    #[schema(
        example = "Na vašo zahtevo za spremembo gesla bomo odgovorili v kratkem. Več informacij boste dobili na vaš \
        e-poštni naslov."
    )]
    message: String,
    /// The number of seconds during which a repeated request sends no further mail.
    #[schema(example = 300)]
    resend_after_seconds: u64,
}

/// Asks for a reset mail
///
/// Show `message` and stop there: the answer is the same for unknown numbers, closed accounts, accounts without an
/// address and repeated requests. The mail goes to the address on file and nowhere else. A repeat within `resend_after_seconds` sends no
/// further mail; earlier links stay usable. On 403 `challenge-required` do the proof of work and repeat; on 422 mark
/// the field; on 429 allow the next attempt after as many seconds as `Retry-After` says.
#[utoipa::path(
    post, path = "/v1/password-resets", operation_id = "createPasswordReset", tag = "Password reset",
    request_body(content = CreatePasswordReset, description = "The number whose password is forgotten"),
    responses(
        (
            status = 202, description = "The request is recorded; a mail follows if the account can receive one",
            body = PasswordResetRequested,
        ),
        ProofRequired,
        WrongCustomerNumber,
        TooManyResetRequests,
    )
)]
pub(super) async fn create(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    StrictJson(body): StrictJson<CreatePasswordReset>,
) -> Result<HttpResponse, Problem> {
    let form = ResetForm { customer_number: body.customer_number, proof: body.proof };
    identity::reset::request(&app, &caller.0, form).await?;
    let message = text(locale, "reset-requested", &[]);
    let resend_after_seconds = app.config.reset_cooldown.max(LEAST_RESEND_AFTER).num_seconds().unsigned_abs();
    Ok(HttpResponse::Accepted().json(PasswordResetRequested { message, resend_after_seconds }))
}

/// The token of a reset link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PresentedToken {
    /// The token from the reset link, unchanged.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, example = "qWcEr4T6yUi8oP0aSdFgHjKlZxCvBnM1q2W3e4R5t6Y")]
    token: Option<String>,
}

/// The state of a reset link that can be used.
#[derive(Serialize, ToSchema)]
pub(super) struct ResetLinkStatus {
    /// Always the text `valid`, since other links are answered with 410.
    #[schema(example = "valid")]
    status: &'static str,
    /// The moment until which the link can be used.
    #[schema(format = DateTime, example = "2026-11-22T14:00:00Z")]
    expires_at: String,
}

/// Verifies a reset link
///
/// Call it when the page opens, so that the customer learns of an expired link before typing two passwords. The call
/// never changes whether the link can be used: mail scanners may repeat it. On 200 show the form for the new password;
/// on 410 show `detail` and offer to ask for a new link.
#[utoipa::path(
    post, path = "/v1/password-resets/verify", operation_id = "verifyPasswordReset", tag = "Password reset",
    request_body(content = PresentedToken, description = "The token of the link"),
    responses(
        (status = 200, description = "The link can be used", body = ResetLinkStatus),
        LinkUnusable,
        LinkTokenMissing,
        TooManyUnknownTokens,
    )
)]
pub(super) async fn verify(
    app: web::Data<App>,
    caller: Caller,
    StrictJson(body): StrictJson<PresentedToken>,
) -> Result<HttpResponse, Problem> {
    let expires_at = identity::reset::verify_link(&app, &caller.0, &required_token(body)?).await?;
    Ok(HttpResponse::Ok().json(ResetLinkStatus { status: "valid", expires_at: timestamp(expires_at) }))
}

/// The form for a new password, opened by a reset link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CompletePasswordReset {
    /// The token from the reset link, unchanged.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, example = "qWcEr4T6yUi8oP0aSdFgHjKlZxCvBnM1q2W3e4R5t6Y")]
    token: Option<String>,
    /// The customer number that the link was sent for.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CustomerNumber, required)]
    customer_number: Option<String>,
    /// The new password, exactly as the customer typed it.
    #[serde(default, deserialize_with = "present_password")]
    #[schema(value_type = String, required, format = Password, max_length = 128, example = "Zimske-gume-27")]
    new_password: Option<Password>,
    /// The new password, as the customer typed it a second time.
    #[serde(default, deserialize_with = "present_password")]
    #[schema(value_type = String, required, format = Password, max_length = 128, example = "Zimske-gume-27")]
    new_password_confirmation: Option<Password>,
}

/// A message for the customer.
#[derive(Serialize, ToSchema)]
pub(super) struct Message {
    /// A sentence to show, in the language of `Accept-Language`.
    #[schema(example = "Povezava ne velja več. Vaše geslo je ostalo nespremenjeno.")]
    pub(super) message: String,
}

/// Sets the new password
///
/// On 200 show `message`, keep `device_token` and lead on to sign-in: a reset does not sign the customer in, and it ends
/// every session. On 422 mark every field that `errors` names; `same_as_current` and `used_recently` are checked only once
/// nothing else is wrong. The link is still usable after a 422, with two exceptions: the fifth well-formed customer
/// number that is not the link's withdraws it, and so does the tenth password that a rule about the account refuses. On
/// 410 offer to ask for a new link.
#[utoipa::path(
    post, path = "/v1/password-resets/complete", operation_id = "completePasswordReset", tag = "Password reset",
    request_body(content = CompletePasswordReset, description = "The four fields of the form"),
    responses(
        (status = 200, description = "The password is set, and the link is used", body = PasswordReplaced),
        LinkUnusable,
        WrongNewPassword,
        TooManyUnknownTokens,
    )
)]
pub(super) async fn complete(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    StrictJson(body): StrictJson<CompletePasswordReset>,
) -> Result<HttpResponse, Problem> {
    let form = NewPasswordForm {
        token: body.token,
        customer_number: body.customer_number,
        new_password: body.new_password,
        new_password_confirmation: body.new_password_confirmation,
    };
    let device_token = identity::reset::complete(&app, &caller.0, form).await?.expose().to_owned();
    let message = text(locale, "password-replaced", &[]);
    Ok(HttpResponse::Ok().json(PasswordReplaced { message, device_token }))
}

/// What withdraws a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WithdrawPasswordReset {
    /// The token from the reset link, unchanged.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, example = "qWcEr4T6yUi8oP0aSdFgHjKlZxCvBnM1q2W3e4R5t6Y")]
    token: Option<String>,
    /// The customer number that the link was sent for.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CustomerNumber, required)]
    customer_number: Option<String>,
}

/// Withdraws a reset link
///
/// For the link "this was not me" in the reset mail. It ends that one link and changes nothing else. The customer types the
/// number: a mail scanner that opens the page and presses its button does not know it. On 200 and on 410 show the sentence
/// of the answer; on 422 mark the field: the link is still usable.
#[utoipa::path(
    post, path = "/v1/password-resets/withdraw", operation_id = "withdrawPasswordReset", tag = "Password reset",
    request_body(content = WithdrawPasswordReset, description = "The token of the link, and whose it is"),
    responses(
        (status = 200, description = "The link is withdrawn", body = Message),
        LinkUnusable,
        WrongNumberOfLink,
        TooManyWithdrawals,
    )
)]
pub(super) async fn withdraw(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    StrictJson(body): StrictJson<WithdrawPasswordReset>,
) -> Result<HttpResponse, Problem> {
    let form = LinkForm { token: body.token, customer_number: body.customer_number };
    identity::reset::withdraw_link(&app, &caller.0, form).await?;
    Ok(HttpResponse::Ok().json(Message { message: text(locale, "link-withdrawn", &[]) }))
}

fn required_token(body: PresentedToken) -> Result<String, Problem> {
    body.token.ok_or_else(|| invalid(vec![FieldError::required(Field::Token)]))
}

fn invalid(errors: Vec<FieldError>) -> Problem {
    Problem::ValidationFailed(errors)
}
