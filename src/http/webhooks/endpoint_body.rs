//! An endpoint, as its owner sees it, and its fields in requests.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{problem::Problem, timestamp::timestamp},
    identity::{Field, FieldError},
    store::webhook_endpoints::WebhookEndpoint,
    types::{EventType, WebhookDisabledReason, WebhookEndpointId, WebhookSignature, WebhookState, WebhookTypes},
};

/// An endpoint of webhooks.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub(super) struct EndpointBody {
    /// The id of the endpoint.
    #[schema(example = "b4cr8ysz7c2rzq5m3tvx6w4kpn")]
    id: String,
    /// The address that events are sent to.
    #[schema(example = "https://erp.example.si/stakis")]
    url: String,
    /// The types of events that are sent. An empty list stands for every type, those of later versions included.
    #[schema(example = json!(["account.closed", "session.ended"]))]
    types: Vec<EventType>,
    /// What the endpoint is for: text that has to be escaped; null where nothing was said.
    #[schema(example = "ERP, produkcija", min_length = 1, max_length = 200)]
    description: Option<String>,
    /// Whether events are sent.
    state: WebhookState,
    /// Why no events are sent any more; null unless `state` is `disabled`.
    #[schema(example = json!(null))]
    disabled_reason: Option<WebhookDisabledReason>,
    /// The moment at which the endpoint was made.
    #[schema(format = DateTime, example = "2026-11-22T13:10:00.000Z")]
    created_at: String,
    /// How events are signed.
    signature: WebhookSignature,
}

impl EndpointBody {
    pub(super) fn of(endpoint: &WebhookEndpoint) -> Self {
        Self {
            id: endpoint.id.as_str().to_owned(),
            url: endpoint.url.as_str().to_owned(),
            types: endpoint.types.iter().collect(),
            description: endpoint.description.as_ref().map(|text| text.as_str().to_owned()),
            state: endpoint.state,
            disabled_reason: endpoint.disabled_reason,
            created_at: timestamp(endpoint.created_at),
            signature: endpoint.signature,
        }
    }
}

/// The endpoint that an address names.
pub(super) fn named(id: &str) -> Result<WebhookEndpointId, Problem> {
    WebhookEndpointId::parse(id).ok_or(Problem::NotFound)
}

/// Reads a list of types.
pub(super) fn read_types(names: &[String]) -> Result<WebhookTypes, FieldError> {
    let parsed =
        names.iter().map(|name| EventType::parse(name).map_err(|_| FieldError::invalid_format(Field::Types)));
    let types: Vec<EventType> = parsed.collect::<Result<_, _>>()?;
    Ok(WebhookTypes::of(&types))
}
