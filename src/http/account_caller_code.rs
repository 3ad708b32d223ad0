//! The code that a signed-in customer reads out to support.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    door::{
        body::UnreadBody,
        caller::{Authenticated, Caller},
    },
    problem::{NotAskedBySupport, Problem, SessionEnded},
    timestamp::timestamp,
};
use crate::{
    app::App,
    identity::caller_codes::{self, ShownCode},
};

/// The code, and who has asked for it.
#[derive(Serialize, ToSchema)]
#[schema(as = CallerCode)]
pub(super) struct CallerCodeBody {
    /// The six digits to read out.
    #[schema(pattern = "^[0-9]{6}$", example = "004217")]
    code: String,
    /// The person or the program of support who asks, as text that has to be escaped.
    #[schema(example = "Maja Novak")]
    asked_by: String,
    /// The moment at which support asked.
    #[schema(format = DateTime, example = "2026-11-22T13:05:00.000Z")]
    asked_at: String,
    /// The moment until which support can check the code.
    #[schema(format = DateTime, example = "2026-11-22T13:15:00.000Z")]
    expires_at: String,
}

/// Shows the code for support
///
/// Call it only after the customer has said, by a button such as "I have called support", that the call is theirs. Show with
/// the code who asked and when, and that only the person who called may read it out: a customer who was called by
/// somebody tells the code to nobody. On 404 support has not asked within the last ten minutes, or waits for a code by mail. On 401 refresh the
/// access token, or let the customer sign in again.
#[utoipa::path(
    post, path = "/v1/account/caller-code", operation_id = "showCallerCode", tag = "Account",
    responses(
        (status = 200, description = "The code, and who has asked for it", body = CallerCodeBody),
        SessionEnded,
        NotAskedBySupport,
    )
)]
pub(super) async fn show(
    app: web::Data<App>,
    caller: Caller,
    Authenticated(customer): Authenticated,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    body.no_fields().await?;
    let ShownCode { code, asked_by, asked_at, expires_at } = caller_codes::show(&app, &caller.0, customer).await?;
    Ok(HttpResponse::Ok().json(CallerCodeBody {
        code: code.expose().to_owned(),
        asked_by,
        asked_at: timestamp(asked_at),
        expires_at: timestamp(expires_at),
    }))
}
