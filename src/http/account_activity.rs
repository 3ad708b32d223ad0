//! What happened to the access of the signed-in customer.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    door::caller::{Authenticated, Language},
    page_query::PageQuery,
    problem::{Problem, SessionEnded, WrongActivityQuery},
    timestamp::timestamp,
};
use crate::{
    app::App,
    identity::{
        Field, FieldError,
        activity::{self, Activity, ActivityEvent, Cursor, PageRequest},
        sessions::Customer,
    },
    types::Locale,
};

/// A page of what happened to an access.
#[derive(Serialize, ToSchema)]
#[schema(as = ActivityPage)]
pub(super) struct ActivityPageBody {
    /// The events of the page, the newest first.
    events: Vec<ActivityBody>,
    /// The `after` of the next page, which serves for a day; null on the last page.
    #[schema(example = "6f1d0c2b9a8e7d34.q2Vd0mXv8Yb4kTz1NhWc")]
    next: Option<String>,
}

/// Something that happened to an access.
#[derive(Serialize, ToSchema)]
#[schema(as = Activity)]
pub(super) struct ActivityBody {
    /// The moment of the event; the first one where several are counted together.
    #[schema(format = DateTime, example = "2026-11-22T13:10:00.000Z")]
    at: String,
    /// The kind of event, by which programs decide.
    event: ActivityEvent,
    /// The number of events in this line: failed sign-ins are summed by hour and device.
    #[schema(example = 1)]
    count: i32,
    /// The event as a sentence for people, in the language of `Accept-Language`. It may hold the name of a device: text
    /// that has to be escaped.
    #[schema(example = "Prijava: Pult 1 (Firefox, Windows), omrežje 192.0.2.0/24")]
    message: String,
    /// The program and the operating system of the device; null where they are not known any more.
    #[schema(example = "Firefox, Windows")]
    device: Option<String>,
    /// The present name of the device: text that has to be escaped; null where it has none, or is forgotten.
    #[schema(example = "Pult 1", min_length = 1, max_length = 40)]
    name: Option<String>,
    /// The network of the customer, shortened; null where there is none, or several are summed.
    #[schema(example = "192.0.2.0/24")]
    source: Option<String>,
    /// The id of the session that began, ended or did it; null where there is none.
    #[schema(example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")]
    session_id: Option<String>,
}

impl ActivityBody {
    fn new(activity: Activity, locale: Locale) -> Self {
        Self {
            message: activity.words(locale),
            at: timestamp(activity.at),
            event: activity.event,
            count: activity.count,
            device: activity.device,
            name: activity.name.map(|name| name.as_str().to_owned()),
            source: activity.source,
            session_id: activity.session_id.map(|id| id.as_str().to_owned()),
        }
    }
}

/// Lists what happened to the access
///
/// The events of 180 days, the newest first: sign-ins and failures, resets, changes of the password and the address,
/// sessions that ended, closing and opening. Failures are summed by hour; what an administrator wrote never shows. Read on
/// with `next` as `after`, until it is null: no event is left out or comes twice. On 422 begin again without `after`.
#[utoipa::path(
    get, path = "/v1/account/activity", operation_id = "listActivity", tag = "Account",
    params(
        (
            "after" = Option<String>, Query, min_length = 1,
            description = "The `next` of the page before", example = "6f1d0c2b9a8e7d34.q2Vd0mXv8Yb4kTz1NhWc",
        ),
        (
            "limit" = Option<i32>, Query, minimum = 1, maximum = 100,
            description = "The most events of the page; 20 where it is left out", example = 20,
        ),
    ),
    responses(
        (status = 200, description = "A page of events", body = ActivityPageBody),
        SessionEnded,
        WrongActivityQuery,
    )
)]
pub(super) async fn list(
    app: web::Data<App>,
    Language(locale): Language,
    Authenticated(customer): Authenticated,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked = read_query(&app, &customer, request.query_string()).map_err(Problem::ValidationFailed)?;
    let page = activity::list(&app, &customer, asked).await?;
    let events = page.events.into_iter().map(|activity| ActivityBody::new(activity, locale)).collect();
    Ok(HttpResponse::Ok().json(ActivityPageBody { events, next: page.next }))
}

/// Reads the parameters. Each of them stands there once at most; others are passed over.
fn read_query(app: &App, customer: &Customer, query: &str) -> Result<PageRequest, Vec<FieldError>> {
    let query = PageQuery::read(query);
    let after = query.one(Field::After).and_then(|text| Cursor::read(app, customer, text));
    match (after, query.limit()) {
        (Ok(after), Ok(limit)) => Ok(PageRequest { after, limit }),
        (after, limit) => Err([after.err(), limit.err()].into_iter().flatten().collect()),
    }
}
