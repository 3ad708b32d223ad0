//! What administration does to an account: it closes and reopens access, expires a password, and decides whose a contested
//! address is. An act that was done before changes nothing and answers the same.

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    account_body::{AccountBody, answer_account},
    if_match::IfMatch,
};
use crate::{
    app::App,
    http::{
        door::{body::UnreadBody, caller::MachineCaller, strict_json::present},
        problem::{
            AccountHasChanged, MachineTokenUnusable, NoSuchAccount, Problem, ScopeMissing, TooManyAdministrations,
            WrongDecision, WrongReason,
        },
    },
    identity::{self, Change, FieldError, accounts, clients::Machine},
    types::{AccountId, Reason},
};

/// Why the act is done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ActReason {
    /// The reason for the audit trail, which the customer never sees.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        value_type = String, required, min_length = 1, max_length = 200, example = "stranka je odpovedala pogodbo",
    )]
    reason: Option<String>,
}

impl ActReason {
    /// Reads the body of an act that needs a reason.
    pub(super) async fn read(body: UnreadBody) -> Result<Reason, Problem> {
        let Self { reason } = body.json().await?;
        FieldError::check_reason(reason.as_deref()).map_err(|error| Problem::ValidationFailed(vec![error]))
    }
}

/// The address that is the owner's.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct EmailDecision {
    /// The address that is on file from now on: the present one, the one before, or another.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, format = Email, max_length = 254, example = "delavnica@example.si")]
    email: Option<String>,
}

/// The account that an address names.
pub(super) fn named(id: &str) -> Result<AccountId, Problem> {
    AccountId::parse(id).ok_or(Problem::NotFound)
}

/// The answer of an act: the account as it is now.
pub(super) async fn answer(
    app: &App,
    machine: &Machine,
    id: AccountId,
    change: Change,
) -> Result<HttpResponse, Problem> {
    if change == Change::NoSuchAccount {
        return Err(Problem::NotFound);
    }
    let found = accounts::find_by_id(app, id).await?.ok_or(Problem::NotFound)?;
    Ok(answer_account(app, machine, &found, StatusCode::OK))
}

/// Closes access
///
/// Every session and every reset link ends at once, and a mail tells the customer, without the reason. With `If-Match` it
/// is done only to the version that you have read. Repeated, it changes nothing: the first reason stays. On 404 the account
/// was erased; on 412 read the account again; on 422 correct the reason.
#[utoipa::path(
    post, path = "/v1/accounts/{id}/close", operation_id = "closeAccount", tag = "Accounts",
    params(
        ("id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae"),
        (
            "If-Match" = Option<String>, Header,
            description = "The `ETag` of the version that is meant, a list of them, or `*`",
            example = "\"5f1c0e7d9a3b4c2d8e6f7a1b2c3d4e5f\"",
        ),
    ),
    request_body(content = ActReason, description = "Why access is closed"),
    responses(
        (
            status = 200, description = "The account, which is closed", body = AccountBody,
            headers(("ETag" = String, description = "The version of the account, for `If-Match`")),
        ),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
        AccountHasChanged,
        WrongReason,
    )
)]
pub(in crate::http) async fn close(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    condition: IfMatch,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let reason = ActReason::read(body).await?;
    let id = named(&id)?;
    let parts = app.clone();
    let is_meant = move |found: &accounts::FoundAccount| condition.holds(&parts, found);
    let change = accounts::close_if(&app, &context, id.clone(), Some(reason), is_meant).await?;
    answer(&app, &machine, id, change).await
}

/// Opens access again
///
/// The previous password works again, and a mail tells the customer. Sessions and links that have ended stay ended. Repeated,
/// it changes nothing. On 404 the account was erased; on 422 correct the reason.
#[utoipa::path(
    post, path = "/v1/accounts/{id}/reopen", operation_id = "reopenAccount", tag = "Accounts",
    params(("id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae")),
    request_body(content = ActReason, description = "Why access is opened again"),
    responses(
        (
            status = 200, description = "The account, which is open", body = AccountBody,
            headers(("ETag" = String, description = "The version of the account, for `If-Match`")),
        ),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
        WrongReason,
    )
)]
pub(in crate::http) async fn reopen(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let reason = ActReason::read(body).await?;
    let id = named(&id)?;
    let change = accounts::reopen(&app, &context, id.clone(), Some(reason)).await?;
    answer(&app, &machine, id, change).await
}

/// Expires the password
///
/// Every session ends, and the next sign-in with the right password sends the reset mail: a thief of the
/// password must not choose the next one. Repeated, it changes nothing. On 404 the account was erased; on 422 correct the reason.
#[utoipa::path(
    post, path = "/v1/accounts/{id}/expire-password", operation_id = "expirePassword", tag = "Accounts",
    params(("id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae")),
    request_body(content = ActReason, description = "Why the password is expired"),
    responses(
        (
            status = 200, description = "The account, whose password must be replaced", body = AccountBody,
            headers(("ETag" = String, description = "The version of the account, for `If-Match`")),
        ),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
        WrongReason,
    )
)]
pub(in crate::http) async fn expire_password(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let reason = ActReason::read(body).await?;
    let id = named(&id)?;
    let change = identity::passwords::expire(&app, &context, id.clone(), Some(reason)).await?;
    answer(&app, &machine, id, change).await
}

/// Decides whose a contested address is
///
/// After a lock-down soon after a change of the address: the address of the call is the owner's. The links in other mailboxes
/// end, and the reset mail goes to the address at once, or, where it changes by the decision, when the customer asks after
/// its cooling-off. An account that is not contested stays unchanged. A caller code alone is no reason for a decision. On 404
/// the account was erased; on 422 correct the address; on 429 wait as `Retry-After` says.
#[utoipa::path(
    post, path = "/v1/accounts/{id}/email-decision", operation_id = "decideEmail", tag = "Accounts",
    params(("id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae")),
    request_body(content = EmailDecision, description = "The address that is the owner's"),
    responses(
        (
            status = 200, description = "The account, which is not contested", body = AccountBody,
            headers(("ETag" = String, description = "The version of the account, for `If-Match`")),
        ),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
        WrongDecision,
        TooManyAdministrations,
    )
)]
pub(in crate::http) async fn decide_email(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let EmailDecision { email } = body.json().await?;
    let id = named(&id)?;
    let email = FieldError::check_email(email.as_deref());
    let email = email.map_err(|error| Problem::ValidationFailed(vec![error]))?;
    let change = identity::email_change::decide(&app, &context, id.clone(), email, None).await?;
    answer(&app, &machine, id, change).await
}
