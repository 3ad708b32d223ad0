//! Locking the access down, from a session or with the link of a notice.

use actix_web::{HttpResponse, web};

use super::{
    door::{
        body::UnreadBody,
        caller::{Authenticated, Caller, Language},
        strict_json::StrictJson,
    },
    email_changes::UseLink,
    password_resets::Message,
    problem::{LockDownLinkUnusable, Problem, SessionEnded, TooManyLockDowns, WrongNumberOfLink},
};
use crate::{app::App, identity, texts::brand_text, types::Locale};

/// Locks the access down
///
/// One act ends every session, this one too, every device and link, and the password. Ask the customer before. The reset
/// mail leads back in; within seven days of a change of the address support decides first. Show `message`, and forget
/// the tokens.
#[utoipa::path(
    post, path = "/v1/account/lock-down", operation_id = "lockDownAccount", tag = "Account",
    responses(
        (status = 200, description = "The access is locked down", body = Message),
        SessionEnded,
    )
)]
pub(super) async fn by_owner(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    Authenticated(customer): Authenticated,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    body.no_fields().await?;
    identity::lock_down::by_owner(&app, &caller.0, customer).await?;
    Ok(HttpResponse::Ok().json(locked_down(&app, locale)))
}

/// Locks the access down with a link
///
/// For the link "this was not me" in a notice. It does what `POST /v1/account/lock-down` does. The customer types the
/// number: a mail scanner that opens the page and presses its button does not know it. The link serves once within seven
/// days, and links lock an account down once in 24 hours. On 200 and on 410 show the sentence of the answer; on 422 mark
/// the field: the link is still usable.
#[utoipa::path(
    post, path = "/v1/lock-downs", operation_id = "createLockDown", tag = "Account",
    request_body(content = UseLink, description = "The token of the link, and whose it is"),
    responses(
        (status = 200, description = "The access is locked down", body = Message),
        LockDownLinkUnusable,
        WrongNumberOfLink,
        TooManyLockDowns,
    )
)]
pub(super) async fn by_link(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    StrictJson(body): StrictJson<UseLink>,
) -> Result<HttpResponse, Problem> {
    identity::lock_down::by_link(&app, &caller.0, body.into()).await?;
    Ok(HttpResponse::Ok().json(locked_down(&app, locale)))
}

/// The message is the same whatever the lock-down leads to (OW-07).
fn locked_down(app: &App, locale: Locale) -> Message {
    Message { message: brand_text(&app.config.brand, locale, "locked-down", &[]) }
}
