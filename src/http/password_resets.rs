//! Asking for a reset, looking at its link, setting the new password, withdrawing the link.

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
    problem::{Problem, ProblemBody},
    timestamp::timestamp,
};
use crate::{
    app::App,
    identity::{
        self, Field, FieldError,
        reset::{NewPasswordForm, ResetForm},
    },
    texts::text,
    types::Password,
};

/// What a front end counts down at least, however short the cool-down is set.
const LEAST_RESEND_AFTER: TimeDelta = TimeDelta::minutes(5);

/// The window "Pozabljeno geslo".
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreatePasswordReset {
    /// Six ASCII digits, as a string: leading zeros count.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "004217")]
    customer_number: Option<String>,
    /// Of work, where 403 `challenge-required` asked for it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, example = "nB7mT3xQ0aVd2KfY.12.1795356300.u2Zr0pQmT1c8Xo5dLk9VbW3eJfHs6yNaGi7tCqRz4Mw.811-5120-97-2204-318-7-12001-640-3300-41-86-9100-1777-520-2600-15")]
    proof: Option<String>,
}

/// The same answer for every number.
#[derive(Serialize, ToSchema)]
pub(super) struct PasswordResetRequested {
    /// To show at the bottom of the window.
    #[schema(
        example = "Na vašo zahtevo za spremembo gesla bomo odgovorili v kratkem. Več informacij boste dobili na vaš e-poštni naslov."
    )]
    message: String,
    /// A repeat before that many seconds sends no further mail.
    #[schema(example = 300)]
    resend_after_seconds: u64,
}

/// Asks for a reset mail
///
/// Show `message` and stop there: the answer is the same whether the number exists, is closed, has no
/// address or asked a moment ago, so there is nothing to tell apart. The mail goes to the address on file
/// and nowhere else. A repeat within `resend_after_seconds` sends no further mail; earlier links stay usable. On 403
/// `challenge-required` prove the work and repeat; on 422 mark the field; on 429 allow the next try after as many seconds as
/// `Retry-After` says.
#[utoipa::path(
    post, path = "/v1/password-resets", operation_id = "createPasswordReset", tag = "Password reset",
    request_body(content = CreatePasswordReset, description = "Whose password it is"),
    responses(
        (status = 202, description = "Written down; a mail follows if there is somebody to write to", body = PasswordResetRequested),
        (status = 403, description = "`challenge-required`: solve `challenge`, as `POST /v1/challenges` describes, and repeat with `proof`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`: the number is missing (`required`) or not six digits (`invalid_format`)", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "`rate-limited`: too many requests, or for too many different numbers, from one source", body = ProblemBody, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
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

/// A link's token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PresentedToken {
    /// As it stands in the link.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, example = "qWcEr4T6yUi8oP0aSdFgHjKlZxCvBnM1q2W3e4R5t6Y")]
    token: Option<String>,
}

/// The link can be used.
#[derive(Serialize, ToSchema)]
pub(super) struct ResetLinkStatus {
    /// Always `valid`.
    #[schema(example = "valid")]
    status: &'static str,
    /// Until when.
    #[schema(format = DateTime, example = "2026-11-22T14:00:00Z")]
    expires_at: String,
}

/// Looks at a reset link
///
/// Call it when the page opens, to tell an expired link before somebody types two passwords. It never
/// changes whether the link can be used: mail scanners may look as often as they like. On 200 show the window for the new
/// password; on 410 show `detail` and offer to ask for a new link.
#[utoipa::path(
    post, path = "/v1/password-resets/verify", operation_id = "verifyPasswordReset", tag = "Password reset",
    request_body(content = PresentedToken, description = "The link to look at"),
    responses(
        (status = 200, description = "The link can be used", body = ResetLinkStatus),
        (status = 410, description = "`reset-link-unusable`: offer to ask for a new link", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`: the token is missing", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "`rate-limited`: too many tokens that never were any, from one source", body = ProblemBody, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
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

/// The window "Sprememba gesla".
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CompletePasswordReset {
    /// From the link.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, example = "qWcEr4T6yUi8oP0aSdFgHjKlZxCvBnM1q2W3e4R5t6Y")]
    token: Option<String>,
    /// "Uporabniško ime": the number that the link belongs to.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "004217")]
    customer_number: Option<String>,
    /// "Novo geslo", exactly as typed.
    #[serde(default, deserialize_with = "present_password")]
    #[schema(value_type = String, required, format = Password, max_length = 128, example = "Zimske-gume-27")]
    new_password: Option<Password>,
    /// "Ponovno vnesite geslo".
    #[serde(default, deserialize_with = "present_password")]
    #[schema(value_type = String, required, format = Password, max_length = 128, example = "Zimske-gume-27")]
    new_password_confirmation: Option<Password>,
}

/// A sentence to show.
#[derive(Serialize, ToSchema)]
pub(super) struct Message {
    /// In the language of `Accept-Language`.
    #[schema(example = "Povezava ne velja več. Vaše geslo je ostalo nespremenjeno.")]
    message: String,
}

/// Sets the new password
///
/// On 200 show `message`, keep `device_token` and lead on to sign-in: a reset signs nobody in, and has ended every
/// session. On 422 mark every field that `errors` names; only `same_as_current` and `used_recently` come by themselves,
/// once nothing else is wrong. The link is still usable, but the fifth well-formed customer number that is not the
/// link's withdraws it, as does the tenth password that a rule about the account refuses. On 410 offer to ask for a new
/// link.
#[utoipa::path(
    post, path = "/v1/password-resets/complete", operation_id = "completePasswordReset", tag = "Password reset",
    request_body(content = CompletePasswordReset, description = "The four fields of the window"),
    responses(
        (status = 200, description = "The password is set, the link used up", body = PasswordReplaced),
        (status = 410, description = "`reset-link-unusable`: offer to ask for a new link", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`: all wrong fields at once", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "`rate-limited`: too many tokens that never were any, from one source", body = ProblemBody, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
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

/// Withdraws a reset link
///
/// Behind "this was not me" in the mail. Call it on a click only, never when the page opens: scanners open
/// pages too. It ends that one link and changes nothing else. On 200 and on 410 show the sentence of the answer.
#[utoipa::path(
    post, path = "/v1/password-resets/withdraw", operation_id = "withdrawPasswordReset", tag = "Password reset",
    request_body(content = PresentedToken, description = "The link to end"),
    responses(
        (status = 200, description = "The link is withdrawn", body = Message),
        (status = 410, description = "`reset-link-unusable`: it could not be used anyway", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`: the token is missing", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "`rate-limited`: too many tokens that never were any, from one source", body = ProblemBody, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
    )
)]
pub(super) async fn withdraw(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    StrictJson(body): StrictJson<PresentedToken>,
) -> Result<HttpResponse, Problem> {
    identity::reset::withdraw_link(&app, &caller.0, &required_token(body)?).await?;
    Ok(HttpResponse::Ok().json(Message { message: text(locale, "link-withdrawn", &[]) }))
}

fn required_token(body: PresentedToken) -> Result<String, Problem> {
    body.token.ok_or_else(|| invalid(vec![FieldError::required(Field::Token)]))
}

fn invalid(errors: Vec<FieldError>) -> Problem {
    Problem::ValidationFailed(errors)
}
