//! The vocabularies of webhooks.

use std::convert::Infallible;

use super::{EventType, text_column, text_enum};

text_enum! {
    /// Whether a webhook endpoint gets events.
    pub enum WebhookState {
        /// No test event was answered with 2xx yet, so no events are sent.
        Pending = "pending",
        /// Events are sent.
        Active = "active",
        /// No events are sent; `disabled_reason` says why. A test event that is answered with 2xx makes it active again.
        Disabled = "disabled",
    }
}

text_enum! {
    /// Why a webhook endpoint was disabled.
    pub enum WebhookDisabledReason {
        /// The endpoint has answered 410.
        Gone = "gone",
        /// Every attempt of three days has failed.
        Failing = "failing",
    }
}

text_enum! {
    /// How events for a webhook endpoint are signed.
    pub enum WebhookSignature {
        /// By the shared secret alone: HMAC-SHA-256.
        V1 = "v1",
        /// Also by a key pair of the endpoint: Ed25519, verified with its public key of `/.well-known/webhook-keys.json`.
        V1a = "v1a",
    }
}

text_enum! {
    /// How an attempt to deliver an event ended.
    pub enum WebhookOutcome {
        /// The answer was 2xx.
        Delivered = "delivered",
        /// The answer was 410: the endpoint is disabled.
        Gone = "gone",
        /// The answer was a redirect, which is not followed.
        Redirected = "redirected",
        /// The answer had another status.
        Refused = "refused",
        /// There was no whole answer within 15 seconds.
        TimedOut = "timed_out",
        /// No connection came about, or it broke off.
        Unreachable = "unreachable",
        /// The address of the endpoint leads nowhere that events may be sent to.
        NotAllowed = "not_allowed",
    }
}

text_enum! {
    /// Why an event is sent to an endpoint.
    pub enum WebhookCause {
        /// It has happened, and the endpoint has asked for its type.
        Event = "event",
        /// The endpoint's owner has asked for it again.
        Replay = "replay",
        /// The endpoint's owner tries the endpoint out.
        Test = "test",
    }
}

/// The types of events that an endpoint has asked for: each once, in the order of the catalogue. An empty set stands for
/// every type, those of later versions included.
#[derive(Debug, Clone, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct WebhookTypes {
    text: String,
}

// A type that an earlier version does not know is passed over, and matches nothing.
text_column!(WebhookTypes, |text| Ok::<_, Infallible>(WebhookTypes { text: text.to_owned() }));

impl WebhookTypes {
    /// The set of these types.
    #[must_use]
    pub fn of(types: &[EventType]) -> Self {
        let names = EventType::ALL.iter().filter(|name| types.contains(name)).map(|name| name.as_str());
        Self { text: names.collect::<Vec<_>>().join(" ") }
    }

    /// The set as one text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The types by their names; none for every type.
    pub fn iter(&self) -> impl Iterator<Item = EventType> {
        self.text.split(' ').filter_map(|name| EventType::parse(name).ok())
    }

    /// Whether the endpoint has asked for a type.
    #[must_use]
    pub fn matches(&self, event_type: EventType) -> bool {
        self.text.is_empty() || self.iter().any(|one| one == event_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wh_08_an_empty_set_of_types_stands_for_every_type() {
        let all = WebhookTypes::of(&[]);
        assert!(EventType::ALL.iter().all(|one| all.matches(*one)));
        let some = [EventType::SessionEnded, EventType::AccountClosed, EventType::SessionEnded];
        let some = WebhookTypes::of(&some);
        assert_eq!(some.as_str(), "account.closed session.ended");
        assert!(some.matches(EventType::SessionEnded) && !some.matches(EventType::SessionStarted));
        assert_eq!(some.iter().collect::<Vec<_>>(), [EventType::AccountClosed, EventType::SessionEnded]);
        let later = WebhookTypes { text: "account.invented".to_owned() };
        assert!(EventType::ALL.iter().all(|one| !later.matches(*one)), "it is not taken for every type");
    }
}
