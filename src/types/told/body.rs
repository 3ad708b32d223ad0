//! An event as other systems get it.

use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::event_type::EventType;
use crate::types::{EventId, UtcTime};

/// Something that happened: the same object in `GET /v1/events` and as the body of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventBody {
    /// The id of the event. It is the same whenever and however the event comes, so that a repetition can be passed over.
    #[schema(example = "evt_w7n3kqz5t2hxv6m4c8rpj9ydsa")]
    id: String,
    /// What happened. It says which form `data` has.
    #[serde(rename = "type")]
    event_type: EventType,
    /// The moment at which it happened.
    #[schema(format = DateTime, example = "2026-11-22T13:10:00.000Z")]
    timestamp: String,
    /// Ids and reasons, in the form of the type. A later version may add members: a client must tolerate those that it does
    /// not know.
    #[schema(value_type = HashMap<String, Value>, example = json!({ "version": 1, "account_id": "p4tmx3rj5kq2vw7c6hzn8ydsae", "by": "administrator" }))]
    data: Value,
}

impl EventBody {
    /// The event with these parts.
    #[must_use]
    pub fn new(id: &EventId, event_type: EventType, occurred_at: UtcTime, data: Value) -> Self {
        let timestamp = occurred_at.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true);
        Self { id: id.as_str().to_owned(), event_type, timestamp, data }
    }
}
