//! One event of the trail, as auditors read it.

use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::{
    store::{audit_events::Event, audit_trail::TrailEntry},
    types::{Moment, text_enum},
};

text_enum! {
    /// The outcome of what happened.
    pub enum Outcome {
        /// The act was done, or the event is no act that can fail.
        Success = "success",
        /// The act was refused, or did not succeed.
        Failure = "failure",
    }
}

impl Outcome {
    const fn of(event: Event) -> Self {
        match event {
            Event::MailDeferred
            | Event::MailGivenUp
            | Event::PasswordChangeFail
            | Event::LoginFail
            | Event::LoginFailMax
            | Event::TokenReuse
            | Event::CallerCodeRefused
            | Event::LimitExceeded
            | Event::MailBudgetExhausted => Self::Failure,
            _ => Self::Success,
        }
    }
}

/// The name of an event. `Event` itself is the name of another schema of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct AuditEventName(Event);

impl PartialSchema for AuditEventName {
    fn schema() -> RefOr<Schema> {
        Event::schema()
    }
}

impl ToSchema for AuditEventName {}

/// An event of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// The id of the event.
    #[schema(example = "y8psac7mxw2dq5hj3tkv6b4zrn")]
    id: String,
    /// The moment of the event.
    at: Moment,
    /// The kind of event, by which programs decide.
    event: AuditEventName,
    /// The actor: `customer`, `service`, `mail API`, `client` with its id, or `command line` with a name.
    #[schema(example = "client c7mxw2dq5hj3tkv6b4zrny8psa")]
    actor: String,
    /// The account that the event is about; null where it is about none. It stays once the account is erased.
    #[schema(example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
    account_id: Option<String>,
    /// The outcome of what happened.
    outcome: Outcome,
    /// What else is known, such as the reason of an act: text that has to be escaped; null once the account is erased.
    #[schema(example = "stranka je odpovedala pogodbo")]
    detail: Option<String>,
    /// The `request_id` of the answer to the call that has caused it; null where no call did.
    #[schema(example = "0d4e2f5c-8a31-4b57-9c1f-6f0d2b9a8e7d")]
    request_id: Option<String>,
}

impl AuditEvent {
    /// Shows an entry of the trail.
    pub(in crate::identity) fn of(entry: TrailEntry) -> Self {
        Self {
            id: entry.id.as_str().to_owned(),
            at: Moment::of(entry.occurred_at),
            event: AuditEventName(entry.event),
            actor: entry.actor.as_str().to_owned(),
            account_id: entry.account_id.map(|id| id.as_str().to_owned()),
            outcome: Outcome::of(entry.event),
            detail: entry.detail,
            request_id: entry.request_id,
        }
    }
}
