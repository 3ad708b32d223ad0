//! What has happened, for systems that keep in step by asking.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    page_query::PageQuery,
    problem::{MachineTokenUnusable, Problem, ScopeMissing, WrongEventsQuery},
};
use crate::{
    app::App,
    identity::{
        Field, FieldError,
        events::{self, EventCursor, EventsPage, EventsRequest},
    },
    types::{EventType, told::EventBody},
};

/// The events of a page, where the caller names no number.
const USUAL_LIMIT: usize = 100;

/// A page of events.
#[derive(Serialize, ToSchema)]
#[schema(as = EventsPage)]
pub(super) struct EventsPageBody {
    /// The events, in the order in which they are read.
    events: Vec<EventBody>,
    /// The `after` with which to go on, now or later. It is never null: keep it, also where `events` is empty.
    #[schema(example = "6f1d0c2b9a8e7d34.q2Vd0mXv8Yb4kTz1NhWc")]
    next: String,
}

/// Lists what has happened
///
/// The events of 30 days, the oldest first, for systems that keep in step. Begin without `after`. Store `next` together
/// with what the events have changed, and ask with it as `after` the next time: every event then comes once, and those
/// about one account come in the order in which they happened. A page that is not full has reached the present; an event
/// shows within a second. The webhooks carry the same events with the same ids. On 422 at `#/after` events have been
/// missed: begin again without `after`, and compare all accounts.
#[utoipa::path(
    get, path = "/v1/events", operation_id = "listEvents", tag = "Events",
    params(
        (
            "after" = Option<String>, Query, min_length = 1,
            description = "The `next` of an earlier answer", example = "6f1d0c2b9a8e7d34.q2Vd0mXv8Yb4kTz1NhWc",
        ),
        (
            "limit" = Option<i32>, Query, minimum = 1, maximum = 100,
            description = "The most events of the page; 100 where it is left out", example = 100,
        ),
        (
            "type" = Option<Vec<EventType>>, Query, style = Form, explode,
            description = "The type of event to list; several are named by several parameters, and all where it is left out",
            example = json!(["account.closed", "session.ended"]),
        ),
    ),
    responses(
        (status = 200, description = "A page of events", body = EventsPageBody),
        MachineTokenUnusable,
        ScopeMissing,
        WrongEventsQuery,
    )
)]
pub(super) async fn list(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asked = read_query(&app, request.query_string()).map_err(Problem::ValidationFailed)?;
    let EventsPage { events, next } = events::list(&app, asked).await?;
    Ok(HttpResponse::Ok().json(EventsPageBody { events, next }))
}

/// Reads the parameters. `type` may stand there several times, and others are passed over.
fn read_query(app: &App, query: &str) -> Result<EventsRequest, Vec<FieldError>> {
    let query = PageQuery::read(query);
    let limit = query.limit_or(USUAL_LIMIT);
    let after = query.one(Field::After).and_then(|after| EventCursor::read(app, after));
    let types: Result<Vec<EventType>, FieldError> = query
        .all(Field::Type)
        .map(|text| EventType::parse(text).map_err(|_| FieldError::invalid_format(Field::Type)))
        .collect();
    match (after, limit, types) {
        (Ok(after), Ok(limit), Ok(types)) => Ok(EventsRequest { after, types, limit }),
        (after, limit, types) => Err([after.err(), limit.err(), types.err()].into_iter().flatten().collect()),
    }
}
