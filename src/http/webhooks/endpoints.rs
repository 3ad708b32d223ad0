//! The endpoints of a client: listing, showing, changing and deleting them.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::endpoint_body::{EndpointBody, named, read_types};
use crate::{
    app::App,
    http::{
        door::{body::UnreadBody, caller::MachineCaller, strict_json::present},
        problem::{
            MachineTokenUnusable, NoSuchWebhookEndpoint, Problem, ScopeMissing, WebhookUrlTaken,
            WrongWebhookEndpoint,
        },
    },
    identity::{
        FieldError,
        webhooks::{self, EndpointChanges, NewDescription},
    },
    types::EventType,
};

/// The endpoints of the client.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct WebhookEndpointList {
    /// All endpoints, the oldest first.
    endpoints: Vec<EndpointBody>,
}

/// Lists the client's webhook endpoints
///
/// All of them, with neither secrets nor those of other clients. On 401 ask for a new token, once.
#[utoipa::path(
    get, path = "/v1/webhook-endpoints", operation_id = "listWebhookEndpoints", tag = "Webhooks",
    responses(
        (status = 200, description = "The endpoints of the client", body = WebhookEndpointList),
        MachineTokenUnusable,
        ScopeMissing,
    )
)]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    MachineCaller { machine, .. }: MachineCaller,
) -> Result<HttpResponse, Problem> {
    let endpoints = webhooks::list(&app, machine.client_id).await?;
    Ok(HttpResponse::Ok().json(WebhookEndpointList { endpoints: endpoints.iter().map(EndpointBody::of).collect() }))
}

/// Shows a webhook endpoint
///
/// `state` tells whether events are sent, and `disabled_reason` why they are not any more: `gone` after an answer of 410,
/// `failing` after three days in which every attempt has failed. On 404 the client has no such endpoint.
#[utoipa::path(
    get, path = "/v1/webhook-endpoints/{id}", operation_id = "getWebhookEndpoint", tag = "Webhooks",
    params(("id" = String, Path, description = "The `id` of the endpoint", example = "b4cr8ysz7c2rzq5m3tvx6w4kpn")),
    responses(
        (status = 200, description = "The endpoint as it is now", body = EndpointBody),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchWebhookEndpoint,
    )
)]
pub(in crate::http) async fn show(
    app: web::Data<App>,
    MachineCaller { machine, .. }: MachineCaller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let endpoint = webhooks::show(&app, machine.client_id, named(&id)?).await?;
    Ok(HttpResponse::Ok().json(EndpointBody::of(&endpoint)))
}

/// What is to be changed. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct WebhookEndpointChange {
    /// The address that events are sent to. Another one is pending until it has answered a test event.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, format = "uri", max_length = 2048, example = "https://erp.example.si/stakis")]
    url: Option<String>,
    /// The types of events to be sent; an empty list for every type.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<EventType>, example = json!(["account.closed", "session.ended"]))]
    types: Option<Vec<String>>,
    /// What the endpoint is for; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "ERP, produkcija")]
    description: Option<TextOrNull>,
}

/// A text, or null where there is to be none.
#[derive(Deserialize)]
#[serde(transparent)]
struct TextOrNull(Option<String>);

impl WebhookEndpointChange {
    /// Reads all fields, or names all that are wrong.
    fn check(self) -> Result<EndpointChanges, Vec<FieldError>> {
        let url = self.url.as_deref().map(FieldError::check_webhook_url).transpose();
        let types = self.types.as_deref().map(read_types).transpose();
        let description = match self.description {
            None => Ok(None),
            Some(TextOrNull(None)) => Ok(Some(NewDescription::Removed)),
            Some(TextOrNull(Some(text))) => FieldError::check_description(&text).map(NewDescription::Set).map(Some),
        };
        match (url, types, description) {
            (Ok(url), Ok(types), Ok(description)) => Ok(EndpointChanges { url, types, description }),
            (url, types, description) => {
                Err([url.err(), types.err(), description.err()].into_iter().flatten().collect())
            }
        }
    }
}

/// Changes a webhook endpoint
///
/// With another `url` the endpoint is `pending` again: try it out with `POST /v1/webhook-endpoints/{id}/test`. Events that wait
/// are sent there once it is active. On 404 the client has no such endpoint; on 409 another of its endpoints has the address;
/// on 422 correct the fields.
#[utoipa::path(
    patch, path = "/v1/webhook-endpoints/{id}", operation_id = "updateWebhookEndpoint", tag = "Webhooks",
    params(("id" = String, Path, description = "The `id` of the endpoint", example = "b4cr8ysz7c2rzq5m3tvx6w4kpn")),
    request_body(
        content = WebhookEndpointChange, description = "What is to be changed",
        example = json!({ "types": ["account.closed"] }),
    ),
    responses(
        (status = 200, description = "The endpoint as it is now", body = EndpointBody),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchWebhookEndpoint,
        WebhookUrlTaken,
        WrongWebhookEndpoint,
    )
)]
pub(in crate::http) async fn update(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let body: WebhookEndpointChange = body.json().await?;
    let id = named(&id)?;
    let changes = body.check().map_err(Problem::ValidationFailed)?;
    let endpoint = webhooks::update(&app, &context, (machine.client_id, id), changes).await?;
    Ok(HttpResponse::Ok().json(EndpointBody::of(&endpoint)))
}

/// Deletes a webhook endpoint
///
/// What waits for it is not sent any more. On 404 the client has no such endpoint, or it was deleted before.
#[utoipa::path(
    delete, path = "/v1/webhook-endpoints/{id}", operation_id = "deleteWebhookEndpoint", tag = "Webhooks",
    params(("id" = String, Path, description = "The `id` of the endpoint", example = "b4cr8ysz7c2rzq5m3tvx6w4kpn")),
    responses(
        (status = 204, description = "The endpoint is deleted"),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchWebhookEndpoint,
    )
)]
pub(in crate::http) async fn delete(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    webhooks::delete(&app, &context, machine.client_id, named(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
