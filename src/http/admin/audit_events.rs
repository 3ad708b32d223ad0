//! The audit trail, for auditors.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{
        door::caller::MachineCaller,
        page_query::PageQuery,
        problem::{MachineTokenUnusable, Problem, ScopeMissing, WrongAuditQuery},
        timestamp::read_time,
    },
    identity::{
        Field, FieldError,
        audit::{self, AuditEvent, AuditRequest, Cursor},
    },
    store::{audit_events::Event, audit_trail::TrailFilter},
    types::AccountId,
};

/// A page of the audit trail.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditPage)]
pub(in crate::http) struct AuditPageBody {
    /// The events of the page, the newest first.
    events: Vec<AuditEvent>,
    /// The `after` of the next page, which serves for a day; null on the last page.
    #[schema(example = "6f1d0c2b9a8e7d34.q2Vd0mXv8Yb4kTz1NhWc")]
    next: Option<String>,
}

/// Lists the audit trail
///
/// Who did what to whom, when and why, the newest first. Read on with `next` as `after`, and with the same filters, until it
/// is null: no event is left out or comes twice. Of an erased account the events stay, without detail. The trail says that you
/// read it. On 422 correct the parameter.
#[utoipa::path(
    get, path = "/v1/audit-events", operation_id = "listAuditEvents", tag = "Audit",
    params(
        (
            "account_id" = Option<String>, Query, description = "Events about this account alone",
            example = "p4tmx3rj5kq2vw7c6hzn7ydsae",
        ),
        ("event" = Option<String>, Query, description = "Events of this kind alone", example = "user_closed"),
        (
            "from" = Option<String>, Query, format = DateTime, description = "Events at this time or later",
            example = "2026-11-01T00:00:00Z",
        ),
        (
            "to" = Option<String>, Query, format = DateTime, description = "Events before this time",
            example = "2026-12-01T00:00:00Z",
        ),
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
        (status = 200, description = "A page of events", body = AuditPageBody),
        MachineTokenUnusable,
        ScopeMissing,
        WrongAuditQuery,
    )
)]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    MachineCaller { context, .. }: MachineCaller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked = read_query(&app, request.query_string()).map_err(Problem::ValidationFailed)?;
    let page = audit::list(&app, &context, asked).await?;
    Ok(HttpResponse::Ok().json(AuditPageBody { events: page.events, next: page.next }))
}

fn read_query(app: &App, query: &str) -> Result<AuditRequest, Vec<FieldError>> {
    let query = PageQuery::read(query);
    let account_id = query.parsed(Field::AccountId, AccountId::parse);
    let event = query.parsed(Field::Event, |text| Event::parse(text).ok());
    let from = query.parsed(Field::From, read_time);
    let to = query.parsed(Field::To, read_time);
    let after = query.one(Field::After).and_then(|text| Cursor::read(app, text));
    let limit = query.limit();
    match (account_id, event, from, to, after, limit) {
        (Ok(account_id), Ok(event), Ok(from), Ok(to), Ok(after), Ok(limit)) => {
            Ok(AuditRequest { filter: TrailFilter { account_id, event, from, to }, after, limit })
        }
        (account_id, event, from, to, after, limit) => {
            let errors = [account_id.err(), event.err(), from.err(), to.err(), after.err(), limit.err()];
            Err(errors.into_iter().flatten().collect())
        }
    }
}
