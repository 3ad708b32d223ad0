//! The accounts, for machine clients.

use actix_web::{HttpResponse, http::StatusCode, web};

use super::account_body::{AccountBody, answer_account};
use crate::{
    app::App,
    http::{
        door::caller::MachineCaller,
        problem::{MachineTokenUnusable, NoSuchAccount, Problem, ScopeMissing},
    },
    identity::accounts,
    types::AccountId,
};

/// Shows an account
///
/// The `ETag` is the version of the account, for `If-Match` at a change. On 404 the account was erased, or the id is that
/// of something else.
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
    MachineCaller { machine, .. }: MachineCaller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = AccountId::parse(&id).ok_or(Problem::NotFound)?;
    let found = accounts::find_by_id(&app, id).await?.ok_or(Problem::NotFound)?;
    Ok(answer_account(&app, &machine, &found, StatusCode::OK))
}
