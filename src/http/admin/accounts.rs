//! One account, for machine clients: showing and erasing it.

use actix_web::{HttpResponse, http::StatusCode, web};

use super::account_body::{AccountBody, answer_account};
use crate::{
    app::App,
    http::{
        door::caller::MachineCaller,
        problem::{MachineTokenUnusable, NoSuchAccount, Problem, ScopeMissing, TooManyAdministrations},
    },
    identity::{Change, accounts},
    types::AccountId,
};

/// Shows an account
///
/// The `ETag` is the version of the account, for `If-Match` at a change. Every call is recorded in the audit trail. On
/// 404 the account was erased, or the id is that of something else.
#[utoipa::path(
    get, path = "/v1/accounts/{id}", operation_id = "getAccountById", tag = "Accounts",
    params((
        "id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae",
    )),
    responses(
        (
            status = 200, description = "The account as it is now", body = AccountBody,
            headers(("ETag" = String, description = "The version of the account, for `If-Match`")),
        ),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
    )
)]
pub(in crate::http) async fn show(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = AccountId::parse(&id).ok_or(Problem::NotFound)?;
    let found = accounts::read(&app, &context, id).await?;
    Ok(answer_account(&app, &machine, &found, StatusCode::OK))
}

/// Erases an account
///
/// Everything that is held about the customer goes at once: sessions, devices, links, mails and the account itself. The
/// audit trail keeps what happened, when and by whom, under the id of the account. A mail tells the address that was on
/// file. The number is free again; who is given it inherits nothing, and for 30 days gets no activation mail before a day
/// has passed. This cannot be undone: close an access that may be needed again. On 404 the account was erased before; on
/// 429 wait as `Retry-After` says.
#[utoipa::path(
    delete, path = "/v1/accounts/{id}", operation_id = "eraseAccount", tag = "Accounts",
    params((
        "id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae",
    )),
    responses(
        (status = 204, description = "The account is erased"),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
        TooManyAdministrations,
    )
)]
pub(in crate::http) async fn erase(
    app: web::Data<App>,
    MachineCaller { context, .. }: MachineCaller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = AccountId::parse(&id).ok_or(Problem::NotFound)?;
    match accounts::erase(&app, &context, id, None).await? {
        Change::NoSuchAccount => Err(Problem::NotFound),
        Change::Unchanged | Change::Changed => Ok(HttpResponse::NoContent().finish()),
    }
}
