//! What support does for a customer: it clears the way, has the reset mail sent, locks a thief out and ends sessions. No act
//! sets a password or shows a link (AD-01).

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    account_body::AccountBody,
    acts::{ActReason, answer, named},
};
use crate::{
    app::App,
    http::{
        door::{
            body::UnreadBody,
            caller::{Language, MachineCaller},
            strict_json::present,
        },
        password_resets::Message,
        problem::{
            MachineTokenUnusable, NoSuchAccount, Problem, ScopeMissing, TooManyAdministrations, WrongReason,
        },
    },
    identity::{
        self, Change, FieldError,
        reset::{ResetForOwner, request_for_owner},
    },
    texts::{moment_text, text},
    types::{Locale, Reason},
};

/// Why the act is done, where support says so.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct OptionalReason {
    /// The reason for the audit trail, which the customer never sees.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "stranka kliče iz delavnice")]
    reason: Option<String>,
}

impl OptionalReason {
    async fn read(mut body: UnreadBody) -> Result<Option<Reason>, Problem> {
        if body.is_left_out().await? {
            return Ok(None);
        }
        let Self { reason } = body.json().await?;
        let Some(text) = reason else { return Ok(None) };
        FieldError::check_reason(Some(&text)).map(Some).map_err(|error| Problem::ValidationFailed(vec![error]))
    }
}

/// Forgets wrong passwords
///
/// For a customer who has to wait because of failed sign-ins: they are forgotten at the number and at its known devices. What
/// was closed stays closed. Repeated, it changes nothing. The body may be left out. On 404 the account was erased.
#[utoipa::path(
    post, path = "/v1/accounts/{id}/unlock", operation_id = "unlockAccount", tag = "Support",
    params(("id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae")),
    request_body(content = Option<OptionalReason>, description = "Why the failures are forgotten"),
    responses(
        (
            status = 200, description = "The account, whose owner need not wait", body = AccountBody,
            headers(("ETag" = String, description = "The version of the account, for `If-Match`")),
        ),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
        WrongReason,
    )
)]
pub(in crate::http) async fn unlock(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let reason = OptionalReason::read(body).await?;
    let id = named(&id)?;
    let change = identity::accounts::unlock(&app, &context, id.clone(), reason).await?;
    answer(&app, &machine, id, change).await
}

/// Writes to an address again
///
/// For an address that bounced or complained, once the customer has had the mailbox mended. Repeated, it changes nothing. The
/// body may be left out. On 404 the account was erased.
#[utoipa::path(
    post, path = "/v1/accounts/{id}/lift-suppression", operation_id = "liftSuppression", tag = "Support",
    params(("id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae")),
    request_body(content = Option<OptionalReason>, description = "Why the pause is lifted"),
    responses(
        (
            status = 200, description = "The account, whose address is written to", body = AccountBody,
            headers(("ETag" = String, description = "The version of the account, for `If-Match`")),
        ),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
        WrongReason,
    )
)]
pub(in crate::http) async fn lift_suppression(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let reason = OptionalReason::read(body).await?;
    let id = named(&id)?;
    let change = identity::outbox::lift_suppression(&app, &context, id.clone(), reason).await?;
    answer(&app, &machine, id, change).await
}

/// Locks the access down
///
/// For a customer whose access somebody else uses: every session, device, link and change token ends, the password is
/// expired, and the reset mail leads back in. Soon after the owner's own change of the address no mail goes out:
/// `contested_since` is set, and `email-decision` decides. Repeated, it changes nothing. On 404 the account was erased; on
/// 422 correct the reason; on 429 wait as `Retry-After` says.
#[utoipa::path(
    post, path = "/v1/accounts/{id}/lock-down", operation_id = "lockDownAccountById", tag = "Support",
    params(("id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae")),
    request_body(content = ActReason, description = "Why the access is locked down"),
    responses(
        (
            status = 200, description = "The account, which is locked down", body = AccountBody,
            headers(("ETag" = String, description = "The version of the account, for `If-Match`")),
        ),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
        WrongReason,
        TooManyAdministrations,
    )
)]
pub(in crate::http) async fn lock_down(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let reason = ActReason::read(body).await?;
    let id = named(&id)?;
    let change = identity::lock_down::by_administrator(&app, &context, id.clone(), Some(reason)).await?;
    answer(&app, &machine, id, change).await
}

/// Has the reset mail sent
///
/// The link goes to the address on file, and nobody else ever sees it. The request counts like the customer's own: the pauses
/// between mails and their limits hold, and the diagnosis tells what became of it. Where no mail can go out, `message` says
/// why: access is closed, whose the address is has to be decided, there is none, it was changed within its cooling-off, or it
/// is paused. Show `message` to support. On 404 the account was erased; on 429 wait as `Retry-After` says.
#[utoipa::path(
    post, path = "/v1/accounts/{id}/password-resets", operation_id = "requestResetForOwner", tag = "Support",
    params(("id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae")),
    responses(
        (status = 202, description = "What becomes of the mail, for support", body = Message),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
        TooManyAdministrations,
    )
)]
pub(in crate::http) async fn request_reset(
    app: web::Data<App>,
    MachineCaller { context, .. }: MachineCaller,
    Language(locale): Language,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    body.no_fields().await?;
    let outcome = request_for_owner(&app, &context, named(&id)?).await?;
    Ok(HttpResponse::Accepted().json(Message { message: reset_message(outcome, locale) }))
}

fn reset_message(outcome: ResetForOwner, locale: Locale) -> String {
    let key = match outcome {
        ResetForOwner::Requested => "support-reset-requested",
        ResetForOwner::Closed => "support-reset-closed",
        ResetForOwner::Contested => "support-reset-contested",
        ResetForOwner::NoAddress => "support-reset-no-address",
        ResetForOwner::Paused => "support-reset-paused",
        ResetForOwner::CoolsOff(until) => {
            return text(locale, "support-reset-cools-off", &[("at", moment_text(locale, until).into())]);
        }
    };
    text(locale, key, &[])
}

/// Ends every session
///
/// The customer is signed out everywhere: refresh tokens end everywhere, access tokens here at once. The password stays, and
/// the customer reads of it in what happened to the access. Where no session is left, nothing happens. On 404 the account
/// was erased.
#[utoipa::path(
    delete, path = "/v1/accounts/{id}/sessions", operation_id = "endSessionsOfAccount", tag = "Support",
    params(("id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae")),
    responses(
        (status = 204, description = "No session is left"),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
    )
)]
pub(in crate::http) async fn end_sessions(
    app: web::Data<App>,
    MachineCaller { context, .. }: MachineCaller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    match identity::sessions::end_for_owner(&app, &context, named(&id)?).await? {
        Change::NoSuchAccount => Err(Problem::NotFound),
        Change::Changed | Change::Unchanged => Ok(HttpResponse::NoContent().finish()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn ad_01_every_outcome_of_a_reset_has_a_sentence_in_every_language() {
        for outcome in [
            ResetForOwner::Requested,
            ResetForOwner::Closed,
            ResetForOwner::Contested,
            ResetForOwner::NoAddress,
            ResetForOwner::Paused,
            ResetForOwner::CoolsOff(DateTime::UNIX_EPOCH.naive_utc()),
        ] {
            for &locale in Locale::ALL {
                let sentence = reset_message(outcome, locale);
                let is_whole = !sentence.starts_with("support-") && !sentence.contains(['{', '$']);
                assert!(is_whole && sentence.ends_with('.'), "{locale}: {sentence}");
            }
        }
    }
}
