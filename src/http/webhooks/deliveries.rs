//! The log of attempts to deliver events to an endpoint.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint_body::named;
use crate::{
    app::App,
    http::{
        door::caller::MachineCaller,
        page_query::PageQuery,
        problem::{MachineTokenUnusable, NoSuchWebhookEndpoint, Problem, ScopeMissing, WrongDeliveriesQuery},
        timestamp::timestamp,
    },
    identity::{
        Field, FieldError,
        webhooks::{self, DeliveriesRequest, DeliveryCursor},
    },
    store::webhook_attempts::WebhookAttempt,
    types::{EventType, WebhookEndpointId, WebhookOutcome},
};

/// One attempt to deliver an event.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(in crate::http) struct DeliveryBody {
    /// The id of the attempt, for a replay.
    #[schema(example = "t2hxv6m4c8rpj9ydsaw7n3kqz5")]
    id: String,
    /// The id of the event, the same at every attempt.
    #[schema(example = "evt_w7n3kqz5t2hxv6m4c8rpj9ydsa")]
    event_id: String,
    /// The type of the event.
    r#type: EventType,
    /// The moment at which the attempt began.
    #[schema(format = DateTime, example = "2026-11-22T13:10:00.000Z")]
    at: String,
    /// The number of the attempt: 1 for the first one.
    #[schema(minimum = 1, example = 1)]
    attempt: i32,
    /// How the attempt ended.
    outcome: WebhookOutcome,
    /// The HTTP status of the answer; null where there was none.
    #[schema(example = 204, minimum = 100, maximum = 999)]
    status: Option<i32>,
    /// How long the attempt took, in milliseconds; null where the address was not allowed.
    #[schema(example = 87, minimum = 0)]
    duration_ms: Option<i32>,
}

impl DeliveryBody {
    fn of(attempt: &WebhookAttempt) -> Self {
        Self {
            id: attempt.id.as_str().to_owned(),
            event_id: attempt.event_id.as_str().to_owned(),
            r#type: attempt.event_type,
            at: timestamp(attempt.attempted_at),
            attempt: attempt.attempt,
            outcome: attempt.outcome,
            status: attempt.status,
            duration_ms: attempt.duration_ms,
        }
    }
}

/// A page of attempts.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDeliveries)]
pub(in crate::http) struct DeliveriesBody {
    /// The attempts of the page, the newest first.
    deliveries: Vec<DeliveryBody>,
    /// The `after` of the next page, which serves for a day; null on the last page.
    #[schema(example = "6f1d0c2b9a8e7d34.q2Vd0mXv8Yb4kTz1NhWc")]
    next: Option<String>,
}

/// Lists the attempts to deliver to a webhook endpoint
///
/// Every attempt of the last 30 days, the newest first, with how it ended. An event that failed is tried again after longer and
/// longer waits, for three days. Read on with `next` as `after` until it is null. On 404 the client has no such endpoint; on
/// 422 correct the parameter.
#[utoipa::path(
    get, path = "/v1/webhook-endpoints/{id}/deliveries", operation_id = "listWebhookDeliveries", tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The `id` of the endpoint", example = "b4cr8ysz7c2rzq5m3tvx6w4kpn"),
        (
            "after" = Option<String>, Query, min_length = 1,
            description = "The `next` of the page before", example = "6f1d0c2b9a8e7d34.q2Vd0mXv8Yb4kTz1NhWc",
        ),
        (
            "limit" = Option<i32>, Query, minimum = 1, maximum = 100,
            description = "The most attempts of the page; 20 where it is left out", example = 20,
        ),
    ),
    responses(
        (status = 200, description = "A page of attempts", body = DeliveriesBody),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchWebhookEndpoint,
        WrongDeliveriesQuery,
    )
)]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    MachineCaller { machine, .. }: MachineCaller,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id = named(&id)?;
    let asked = read_query(&app, &id, request.query_string()).map_err(Problem::ValidationFailed)?;
    let page = webhooks::list_deliveries(&app, machine.client_id, id, asked).await?;
    let deliveries = page.attempts.iter().map(DeliveryBody::of).collect();
    Ok(HttpResponse::Ok().json(DeliveriesBody { deliveries, next: page.next }))
}

fn read_query(app: &App, id: &WebhookEndpointId, query: &str) -> Result<DeliveriesRequest, Vec<FieldError>> {
    let query = PageQuery::read(query);
    let after = query.one(Field::After).and_then(|text| DeliveryCursor::read(app, id, text));
    match (after, query.limit()) {
        (Ok(after), Ok(limit)) => Ok(DeliveriesRequest { after, limit }),
        (after, limit) => Err([after.err(), limit.err()].into_iter().flatten().collect()),
    }
}
