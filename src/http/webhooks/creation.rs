//! Making an endpoint of webhooks.

use actix_web::{HttpResponse, http::header, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::endpoint_body::{EndpointBody, read_types};
use crate::{
    app::App,
    http::{
        door::{body::UnreadBody, caller::MachineCaller, strict_json::present},
        idempotency::{DESCRIPTION, IdempotencyKey, Repeatable, once},
        problem::{MachineTokenUnusable, Problem, ScopeMissing, WebhookConflict, WrongWebhookEndpoint},
    },
    identity::{
        Field, FieldError,
        idempotency::{Answer, Repeats},
        webhooks::{self, CreatedEndpoint, EndpointToCreate},
    },
    types::{EventType, WebhookSignature},
};

/// The endpoint to be made.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewWebhookEndpoint {
    /// The address that events are sent to: https, on port 443, of a public host with a name. The operator may have allowed
    /// other ports. It has neither a user name nor a fragment.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, format = "uri", max_length = 2048, example = "https://erp.example.si/stakis")]
    url: Option<String>,
    /// The types of events to be sent; every type, those of later versions included, where it is left out or empty.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<EventType>, example = json!(["account.closed", "session.ended"]))]
    types: Option<Vec<String>>,
    /// What the endpoint is for. White space around it is cut off, and a run inside is one space.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "ERP, produkcija")]
    description: Option<String>,
    /// How events are signed; `v1` where it is left out. It cannot be changed later.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = WebhookSignature)]
    signature: Option<String>,
}

impl NewWebhookEndpoint {
    /// Reads all fields, or names all that are wrong.
    fn check(&self, key: &IdempotencyKey) -> Result<EndpointToCreate, Vec<FieldError>> {
        let url = self.url.as_deref().ok_or(FieldError::required(Field::Url));
        let url = url.and_then(FieldError::check_webhook_url);
        let types = read_types(self.types.as_deref().unwrap_or_default());
        let description = self.description.as_deref().map(FieldError::check_description).transpose();
        let signature = self.signature.as_deref().map(FieldError::check_signature).transpose();
        match (url, types, description, signature, key.error()) {
            (Ok(url), Ok(types), Ok(description), Ok(signature), None) => {
                let signature = signature.unwrap_or(WebhookSignature::V1);
                Ok(EndpointToCreate { url, types, description, signature })
            }
            (url, types, description, signature, key) => {
                let errors = [url.err(), types.err(), description.err(), signature.err(), key];
                Err(errors.into_iter().flatten().collect())
            }
        }
    }
}

/// An endpoint that was just made, with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEndpointWithSecret)]
pub(in crate::http) struct CreatedBody {
    #[serde(flatten)]
    endpoint: EndpointBody,
    /// The secret of the signatures `v1`: `whsec_` and the Base64 of 32 bytes. It is shown this once.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw3o7rGq1xkC4=")]
    secret: String,
}

/// Makes a webhook endpoint
///
/// Keep the `secret`, which verifies the signatures, and call `POST /v1/webhook-endpoints/{id}/test`: the endpoint gets events
/// once it has answered a test event with 2xx. A client has ten endpoints at most, and sees no other client's. They end with the
/// client, or with its scope. With `signature` `v1a` each event is also signed by a key pair of the endpoint, whose public key
/// stands at `/.well-known/webhook-keys.json`. On 409 there are ten, or one has this address, or the call with this
/// `Idempotency-Key` was answered: its secret is not shown twice, so delete that endpoint and make another. On 422 correct the
/// fields; `not_allowed` says that nothing can be sent to the address, and never why.
#[utoipa::path(
    post, path = "/v1/webhook-endpoints", operation_id = "createWebhookEndpoint", tag = "Webhooks",
    params((
        "Idempotency-Key" = Option<String>, Header, description = DESCRIPTION, min_length = 1, max_length = 255,
        example = "0d4e2f5c-8a31-4b57-9c1f-6f0d2b9a8e7d",
    )),
    request_body(
        content = NewWebhookEndpoint, description = "The endpoint to be made",
        example = json!({
            "url": "https://erp.example.si/stakis", "types": ["account.closed", "session.ended"],
            "description": "ERP, produkcija",
        }),
    ),
    responses(
        (
            status = 201, description = "The endpoint that was made, with its secret", body = CreatedBody,
            headers(("Location" = String, description = "The address of the endpoint in this API")),
        ),
        MachineTokenUnusable,
        ScopeMissing,
        WebhookConflict,
        WrongWebhookEndpoint,
    )
)]
pub(in crate::http) async fn create(
    app: web::Data<App>,
    caller: MachineCaller,
    key: IdempotencyKey,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let body: NewWebhookEndpoint = body.json().await?;
    let endpoint = body.check(&key).map_err(Problem::ValidationFailed)?;
    let client = caller.machine.client_id.clone();
    let repeatable = Repeatable { operation: "createWebhookEndpoint", repeats: Repeats::Conflict };
    once((&app, &caller), repeatable, (key, &body), render, |recording| {
        webhooks::create(&app, &caller.context, client, endpoint, recording)
    })
    .await
}

fn render(created: &CreatedEndpoint) -> Answer {
    let location = format!("/v1/webhook-endpoints/{}", created.endpoint.id);
    let body = CreatedBody { endpoint: EndpointBody::of(&created.endpoint), secret: created.secret.clone() };
    Answer {
        status: 201,
        headers: vec![(header::LOCATION.as_str().to_owned(), location)],
        // The body holds texts alone, so writing it as JSON cannot fail.
        body: serde_json::to_string(&body).unwrap_or_default(),
    }
}
