//! The section `webhooks` of the document (OpenAPI 3.1.0 §4.8.1): each event as the call that a receiver gets. It follows
//! from the catalogue of events, so no type can be missing.

use serde_json::{Map, Value, json};

use crate::types::told::{Told, ToldSchema};

/// Adds the section, and a schema for each event. The schemas of the `data` are among the components already.
pub(in crate::http) fn add(document: &mut Value) {
    let mut hooks = Map::new();
    for told in Told::schemas() {
        let name = event_schema_name(&told);
        hooks.insert(told.event_type.as_str().to_owned(), json!({ "post": operation(&told, &name) }));
        if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
            schemas.insert(name, event_schema(&told));
        }
    }
    if let Some(document) = document.as_object_mut() {
        document.insert("webhooks".to_owned(), Value::Object(hooks));
    }
}

/// `AccountClosedEvent` for the event whose data is `AccountClosedData`.
fn event_schema_name(told: &ToldSchema) -> String {
    format!("{}Event", told.name.strip_suffix("Data").unwrap_or(&told.name))
}

/// An event whose `data` has the form of the type.
fn event_schema(told: &ToldSchema) -> Value {
    let ToldSchema { event_type, name, .. } = told;
    json!({
        "description": format!("{} The event as a whole.", event_type.documentation()),
        "allOf": [
            { "$ref": "#/components/schemas/Event" },
            {
                "type": "object",
                "required": ["type", "data"],
                "properties": {
                    "type": {
                        "type": "string",
                        "enum": [event_type.as_str()],
                        "description": "What happened, as one value of `EventType`.",
                    },
                    "data": { "$ref": format!("#/components/schemas/{name}") },
                },
            },
        ],
    })
}

fn operation(told: &ToldSchema, schema: &str) -> Value {
    let event_type = told.event_type;
    let about = event_type.documentation();
    json!({
        "operationId": format!("on{}", schema.strip_suffix("Event").unwrap_or(schema)),
        "tags": ["Events"],
        "summary": about.split_inclusive('.').next().unwrap_or(about).trim_end_matches('.'),
        "description": format!(
            "{about} Sent to every active endpoint that has asked for `{event_type}`, at least once: pass over an id that was \
             received before. Verify the signature over the raw body, as the guide \"Receive webhooks\" shows, and answer before \
             the work."
        ),
        "parameters": HEADERS.map(|(name, description, example)| json!({
            "name": name,
            "in": "header",
            "required": true,
            "description": description,
            "schema": { "type": "string", "example": example },
            "example": example,
        })),
        "requestBody": {
            "description": "The event as a JSON object",
            "required": true,
            "content": { "application/json": {
                "schema": { "$ref": format!("#/components/schemas/{schema}") },
            } },
        },
        "responses": {
            "2XX": { "description": "The receiver has the event, and it is not sent again" },
            "410": { "description": "The endpoint is gone: it is disabled, and gets no further events" },
            "default": { "description": "The event is sent again later, for three days" },
        },
        "security": [],
    })
}

/// The headers of Standard Webhooks: name, description and example.
const HEADERS: [(&str, &str, &str); 3] = [
    ("webhook-id", "The id of the event, the same at every attempt", "evt_w7n3kqz5t2hxv6m4c8rpj9ydsa"),
    ("webhook-timestamp", "The moment of this attempt, in seconds since 1970", "1795353000"),
    (
        "webhook-signature",
        "The signatures over id, timestamp and body, separated by spaces",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
];
