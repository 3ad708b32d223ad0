//! A delivery event, whichever mail API reports it.

use crate::types::{BounceCause, DeliveryKind, MailId, UtcTime};

/// A mail API's report about one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryEvent {
    /// The event's id at the provider, which is the same in every repetition.
    pub event_id: String,
    /// The provider's id for the mail, as in the answer that took it, if the event carries it.
    pub provider_message_id: Option<String>,
    /// This service's id for the mail, if the event carries it: an event may arrive before the answer that took the
    /// mail. An event carries one of the two ids at least.
    pub message_id: Option<MailId>,
    /// What became of the mail.
    pub kind: DeliveryKind,
    /// The time of the event by the provider's clock.
    pub occurred_at: UtcTime,
    /// The receiving server's reply code, such as `550 5.1.1`.
    pub smtp_code: Option<String>,
    /// Why the mail came back; `None` where it did not.
    pub cause: Option<BounceCause>,
}

/// Why a webhook call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventRefusal {
    /// The call is not proven to come from the mail API, or its signature is too old.
    NotAuthentic,
    /// The body has not the form that the mail API documents.
    Unreadable,
}
