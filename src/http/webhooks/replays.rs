//! Sending events to an endpoint again.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::endpoint_body::named;
use crate::{
    app::App,
    http::{
        door::{body::UnreadBody, caller::MachineCaller, strict_json::present},
        problem::{
            MachineTokenUnusable, NoSuchWebhookDelivery, NoSuchWebhookEndpoint, Problem, ReplayRefused,
            ScopeMissing, WrongReplay,
        },
        timestamp::read_time,
    },
    identity::{
        Field, FieldError,
        webhooks::{self, SpanToReplay},
    },
    types::{EventType, UtcTime, WebhookAttemptId},
};

/// How many events are sent again.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookReplay)]
pub(in crate::http) struct ReplayBody {
    /// The number of events that are sent again.
    #[schema(example = 1, minimum = 0)]
    count: i64,
}

/// Sends the event of an attempt again
///
/// With the same `webhook-id`, at once, and as often as any other where it fails. One replay at a time runs for an endpoint: on
/// 409 wait for the one before, or the endpoint is not active. On 404 the client has no such endpoint, the endpoint has no such
/// attempt, or its event is not kept any more, as after 30 days; a test event is sent by another test.
#[utoipa::path(
    post, path = "/v1/webhook-endpoints/{id}/deliveries/{delivery_id}/replay", operation_id = "replayWebhookDelivery",
    tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The `id` of the endpoint", example = "b4cr8ysz7c2rzq5m3tvx6w4kpn"),
        (
            "delivery_id" = String, Path, description = "The `id` of an attempt in the list of deliveries",
            example = "t2hxv6m4c8rpj9ydsaw7n3kqz5",
        ),
    ),
    responses(
        (status = 202, description = "The event is on its way", body = ReplayBody),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchWebhookDelivery,
        ReplayRefused,
    )
)]
pub(in crate::http) async fn replay_one(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    path: web::Path<(String, String)>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    body.no_fields().await?;
    let (id, attempt) = path.into_inner();
    let attempt = WebhookAttemptId::parse(&attempt).ok_or(Problem::NotFound)?;
    let count = webhooks::replay_one(&app, &context, (machine.client_id, named(&id)?), attempt).await?;
    Ok(HttpResponse::Accepted().json(ReplayBody { count }))
}

/// The events that are to be sent again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewReplay {
    /// Events that happened at this time or later.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, format = DateTime, example = "2026-11-22T13:00:00Z")]
    from: Option<String>,
    /// Events that happened before this time.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, format = DateTime, example = "2026-11-22T14:00:00Z")]
    to: Option<String>,
    /// Events of this type alone; of those that the endpoint gets where it is left out.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = EventType)]
    r#type: Option<String>,
}

impl NewReplay {
    /// Reads all fields, or names all that are wrong.
    fn check(&self) -> Result<SpanToReplay, Vec<FieldError>> {
        let from = time(Field::From, self.from.as_deref());
        let to = time(Field::To, self.to.as_deref());
        let parse = |text: &String| EventType::parse(text).map_err(|_| FieldError::invalid_format(Field::Type));
        let event_type = self.r#type.as_ref().map(parse).transpose();
        match (from, to, event_type) {
            (Ok(from), Ok(to), Ok(event_type)) if from < to => Ok(SpanToReplay { from, to, event_type }),
            (Ok(_), Ok(_), Ok(_)) => Err(vec![FieldError::empty_span()]),
            (from, to, event_type) => Err([from.err(), to.err(), event_type.err()].into_iter().flatten().collect()),
        }
    }
}

fn time(field: Field, text: Option<&str>) -> Result<UtcTime, FieldError> {
    read_time(text.ok_or(FieldError::required(field))?).ok_or(FieldError::invalid_format(field))
}

/// Sends the events of a span of time again
///
/// With the same `webhook-id`s and in their order, also those that were delivered before: your program passes over ids that it
/// has. Events are kept for 30 days. `count` says how many there are. One replay at a time runs for an endpoint: on 409 wait for
/// the one before, or the endpoint is not active. On 404 the client has no such endpoint; on 422 correct the fields.
#[utoipa::path(
    post, path = "/v1/webhook-endpoints/{id}/replays", operation_id = "replayWebhookEvents", tag = "Webhooks",
    params(("id" = String, Path, description = "The `id` of the endpoint", example = "b4cr8ysz7c2rzq5m3tvx6w4kpn")),
    request_body(
        content = NewReplay, description = "The events that are to be sent again",
        example = json!({ "from": "2026-11-22T13:00:00Z", "to": "2026-11-22T14:00:00Z", "type": "account.closed" }),
    ),
    responses(
        (status = 202, description = "The events are on their way", body = ReplayBody),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchWebhookEndpoint,
        ReplayRefused,
        WrongReplay,
    )
)]
pub(in crate::http) async fn replay_span(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let body: NewReplay = body.json().await?;
    let id = named(&id)?;
    let span = body.check().map_err(Problem::ValidationFailed)?;
    let count = webhooks::replay_span(&app, &context, (machine.client_id, id), span).await?;
    Ok(HttpResponse::Accepted().json(ReplayBody { count }))
}
