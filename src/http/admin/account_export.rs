//! Handing out everything that is held about one customer.

use actix_web::{HttpResponse, web};

use super::acts::named;
use crate::{
    app::App,
    http::{
        door::caller::MachineCaller,
        problem::{MachineTokenUnusable, NoSuchAccount, Problem, ScopeMissing, TooManyExports},
    },
    identity::accounts::{self, AccountExport},
};

/// Exports an account
///
/// For a customer who asks what is held about him (GDPR, Articles 15 and 20): one document with all of it, as it is at one
/// moment. No hash, token or code is in it. Every call is recorded in the audit trail. On 404 the account was erased; on 429
/// wait as `Retry-After` says.
#[utoipa::path(
    get, path = "/v1/accounts/{id}/export", operation_id = "exportAccount", tag = "Accounts",
    params((
        "id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae",
    )),
    responses(
        (status = 200, description = "Everything that is held about the customer", body = AccountExport),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
        TooManyExports,
    )
)]
pub(in crate::http) async fn export(
    app: web::Data<App>,
    MachineCaller { context, .. }: MachineCaller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let document = accounts::export(&app, &context, named(&id)?, None).await?;
    Ok(HttpResponse::Ok().json(document))
}
