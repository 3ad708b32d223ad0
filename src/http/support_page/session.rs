//! Signing in to the support page, going on, and signing out.

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::{cookie, line::Line};
use crate::{
    app::App,
    http::{
        door::{
            caller::Caller,
            strict_json::{StrictJson, present, present_secret},
        },
        problem::Problem,
    },
    identity::clients::{PageAccess, PageSessionError, end_page_session, refresh_page_session, start_page_session},
};

/// The credentials of a person's client.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionRequest {
    #[serde(default, deserialize_with = "present")]
    client_id: Option<String>,
    #[serde(default, deserialize_with = "present_secret")]
    client_secret: Option<SecretString>,
}

/// What the page may do for the next minutes.
#[derive(Serialize)]
struct AccessBody {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
    person: String,
}

impl From<PageAccess> for AccessBody {
    fn from(PageAccess { token, person }: PageAccess) -> Self {
        Self {
            access_token: token.access_token,
            token_type: "Bearer",
            expires_in: token.expires_in,
            scope: token.scope.to_string(),
            person,
        }
    }
}

impl From<PageSessionError> for Problem {
    fn from(error: PageSessionError) -> Self {
        match error {
            PageSessionError::InvalidClient => Self::InvalidCredentials,
            PageSessionError::NotOfAPerson => Self::Forbidden,
            PageSessionError::Ended => Self::InvalidToken,
            PageSessionError::Other(error) => error.into(),
        }
    }
}

/// Signs a person in.
pub(super) async fn start(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
    StrictJson(body): StrictJson<SessionRequest>,
) -> Result<HttpResponse, Problem> {
    let line = line_of(&request)?;
    let (id, secret) = (body.client_id.unwrap_or_default(), body.client_secret.unwrap_or_default());
    let session = start_page_session(&app, &caller.0, &id, secret.expose_secret()).await?;
    // The browser forgets the session before, so it is over.
    if let Some(before) = cookie::find_token(request.headers(), line) {
        end_page_session(&app, &caller.0, before).await?;
    }
    let cookie = cookie::with_token(line, session.token.expose());
    let mut answer = HttpResponse::build(StatusCode::CREATED);
    Ok(answer.insert_header((header::SET_COOKIE, cookie)).json(AccessBody::from(session.access)))
}

/// Gives the page of a live session another access token.
pub(super) async fn refresh(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let token = cookie::find_token(request.headers(), line_of(&request)?).ok_or(Problem::InvalidToken)?;
    let access = refresh_page_session(&app, &caller.0, token).await?;
    Ok(HttpResponse::Ok().json(AccessBody::from(access)))
}

/// Signs the person out.
pub(super) async fn end(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let line = line_of(&request)?;
    if let Some(token) = cookie::find_token(request.headers(), line) {
        end_page_session(&app, &caller.0, token).await?;
    }
    let cookie = cookie::without_token(line);
    Ok(HttpResponse::NoContent().insert_header((header::SET_COOKIE, cookie)).finish())
}

/// The line on which the call has come, as the guard has found it.
fn line_of(request: &HttpRequest) -> Result<Line, Problem> {
    request.extensions().get::<Line>().copied().ok_or(Problem::InternalError)
}
