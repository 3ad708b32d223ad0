//! What the owner of an endpoint does with it: another secret, and a test.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint_body::named;
use crate::{
    app::App,
    http::{
        door::{body::UnreadBody, caller::MachineCaller},
        problem::{MachineTokenUnusable, NoSuchWebhookEndpoint, Problem, ScopeMissing},
    },
    identity::webhooks,
};

/// The secret of an endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookSecret)]
pub(in crate::http) struct SecretBody {
    /// The secret of the signatures `v1` from now on. It is shown this once.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw3o7rGq1xkC4=")]
    secret: String,
}

/// Replaces the secret of a webhook endpoint
///
/// For 24 hours every event is signed with the secret before too, so that nothing is lost while you change over. The same holds
/// for the key pair of an endpoint with `v1a`. A second call within that time ends the secret before at once. On 404 the client
/// has no such endpoint.
#[utoipa::path(
    post, path = "/v1/webhook-endpoints/{id}/rotate-secret", operation_id = "rotateWebhookSecret", tag = "Webhooks",
    params(("id" = String, Path, description = "The `id` of the endpoint", example = "b4cr8ysz7c2rzq5m3tvx6w4kpn")),
    responses(
        (status = 200, description = "The secret, which is shown this once", body = SecretBody),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchWebhookEndpoint,
    )
)]
pub(in crate::http) async fn rotate_secret(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    body.no_fields().await?;
    let secret = webhooks::rotate_secret(&app, &context, machine.client_id, named(&id)?).await?;
    Ok(HttpResponse::Ok().json(SecretBody { secret }))
}

/// A test event that is on its way.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookTestQueued)]
pub(in crate::http) struct TestBody {
    /// The id of the event, which is the `webhook-id` of the call to the endpoint.
    #[schema(example = "evt_w7n3kqz5t2hxv6m4c8rpj9ydsa")]
    event_id: String,
}

/// Sends a test event to a webhook endpoint
///
/// A `webhook.test` goes to the endpoint within a second or two, once. With an answer of 2xx the endpoint becomes `active`,
/// also where it was disabled. `GET /v1/webhook-endpoints/{id}/deliveries` tells how it went. A second call before that replaces
/// the test that waits. On 404 the client has no such endpoint.
#[utoipa::path(
    post, path = "/v1/webhook-endpoints/{id}/test", operation_id = "testWebhookEndpoint", tag = "Webhooks",
    params(("id" = String, Path, description = "The `id` of the endpoint", example = "b4cr8ysz7c2rzq5m3tvx6w4kpn")),
    responses(
        (status = 202, description = "The test event is on its way", body = TestBody),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchWebhookEndpoint,
    )
)]
pub(in crate::http) async fn test(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    body.no_fields().await?;
    let event_id = webhooks::test(&app, &context, machine.client_id, named(&id)?).await?;
    Ok(HttpResponse::Accepted().json(TestBody { event_id: event_id.as_str().to_owned() }))
}
