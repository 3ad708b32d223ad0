//! The live sessions of a customer: listing them, and naming their devices.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    door::{
        body::UnreadBody,
        caller::{Authenticated, Caller},
        strict_json::present,
    },
    problem::{NoSuchSession, Problem, SessionEnded, TooManyNames, WrongName},
    timestamp::timestamp,
};
use crate::{
    app::App,
    identity::{Field, FieldError, sessions},
    types::{SessionId, device_name},
};

/// The live sessions of the customer.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionList {
    /// All live sessions, the one used last first.
    sessions: Vec<ListedSession>,
}

/// One session in the list.
#[derive(Serialize, ToSchema)]
pub(super) struct ListedSession {
    /// The id of the session, for `DELETE /v1/sessions/{id}`.
    #[schema(example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")]
    id: String,
    /// The moment at which the customer signed in.
    #[schema(format = DateTime, example = "2026-11-22T13:10:00Z")]
    created_at: String,
    /// The last use of the session in this service, to the minute.
    #[schema(format = DateTime, example = "2026-11-22T13:40:00Z")]
    last_used_at: String,
    /// The program and the operating system that the client named; null where it named none.
    #[schema(example = "Firefox, Windows")]
    device: Option<String>,
    /// The name that people have given to the device: text that has to be escaped; null where it has none.
    #[schema(example = "Pult 1", min_length = 1, max_length = 40)]
    name: Option<String>,
    /// The network of the last sign-in or refresh, shortened.
    #[schema(example = "192.0.2.0/24")]
    source: Option<String>,
    /// Whether this is the session of the access token that was sent.
    #[schema(example = true)]
    current: bool,
}

impl ListedSession {
    fn new(listed: sessions::ListedSession, caller: &SessionId) -> Self {
        let sessions::ListedSession { session, name } = listed;
        Self {
            current: session.id == *caller,
            id: session.id.as_str().to_owned(),
            created_at: timestamp(session.created_at),
            last_used_at: timestamp(session.last_used_at),
            device: session.user_agent.as_deref().and_then(device_name),
            name: name.map(|name| name.as_str().to_owned()),
            source: session.source,
        }
    }
}

/// Lists the customer's sessions
///
/// Show device, network and last use, with a way to end each session. Networks are shortened: a customer still
/// recognises a strange one. On 401 refresh the access token, or let the customer sign in again.
#[utoipa::path(
    get, path = "/v1/sessions", operation_id = "listSessions", tag = "Sessions",
    responses(
        (status = 200, description = "The live sessions of the customer", body = SessionList),
        SessionEnded,
    )
)]
pub(super) async fn list(
    app: web::Data<App>,
    Authenticated(customer): Authenticated,
) -> Result<HttpResponse, Problem> {
    let caller = &customer.session.id;
    let sessions = sessions::list(&app, &customer).await?;
    let sessions = sessions.into_iter().map(|listed| ListedSession::new(listed, caller)).collect();
    Ok(HttpResponse::Ok().json(SessionList { sessions }))
}

/// The name for the device of a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameSession {
    /// The name, such as `Pult 1`; null takes it away. White space around it is cut off, and a run inside is one space.
    /// Control characters, bidirectional marks and other characters that are not seen are refused; `<b>` is text like any
    /// other.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, required, min_length = 1, max_length = 40, example = "Pult 1")]
    name: Option<TextOrNull>,
}

/// A text, or null where there is to be none.
#[derive(Deserialize)]
#[serde(transparent)]
struct TextOrNull(Option<String>);

/// Names the device of a session
///
/// The device keeps the name: the next session from there has it too. On 404 the session has ended: read the list again.
/// On 422 mark the field; on 429 wait as `Retry-After` says.
#[utoipa::path(
    patch, path = "/v1/sessions/{id}", operation_id = "nameSession", tag = "Sessions",
    params((
        "id" = String, Path,
        description = "The `id` of the session in the list", example = "3nqk7d2xw5h6tjv4bcrm8ysz0a",
    )),
    request_body(content = RenameSession, description = "The name, or null"),
    responses(
        (status = 200, description = "The session, as the list shows it", body = ListedSession),
        SessionEnded,
        NoSuchSession,
        WrongName,
        TooManyNames,
    )
)]
pub(super) async fn rename(
    app: web::Data<App>,
    caller: Caller,
    Authenticated(customer): Authenticated,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let RenameSession { name } = body.json().await?;
    let id = SessionId::parse(&id).ok_or(Problem::NotFound)?;
    let invalid = |error| Problem::ValidationFailed(vec![error]);
    let TextOrNull(name) = name.ok_or(invalid(FieldError::required(Field::Name)))?;
    let name = name.map(|text| FieldError::check_name(&text)).transpose().map_err(invalid)?;
    let own = customer.session.id.clone();
    let listed = sessions::rename(&app, &caller.0, customer, id, name).await?;
    Ok(HttpResponse::Ok().json(ListedSession::new(listed, &own)))
}
