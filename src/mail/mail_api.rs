//! What differs between mail APIs.

use serde_json::Value;

use super::{
    answer::Answer,
    api_account::ApiAccount,
    credentials::CredentialsCall,
    delivery::{DeliveryEvent, EventProof, EventRefusal, Incoming},
    hand_over::HandOver,
    outgoing::OutgoingMail,
};
use crate::{outbound::OutboundRequest, types::UtcTime};

/// One mail API: what every provider has.
pub(super) struct MailApi {
    /// Builds the request that hands a mail over.
    pub(super) request: fn(&ApiAccount, &OutgoingMail) -> OutboundRequest,
    /// Says what the answer to that request means for the mail.
    pub(super) classify: fn(&Answer) -> HandOver,
    /// Shows whether the credentials are right.
    pub(super) credentials: CredentialsCall,
    /// How a webhook call proves that it comes from the provider (WH-01).
    pub(super) proof: EventProof,
    /// Reads the delivery events in the body of an authentic call. Other events are passed over.
    pub(super) events: fn(&Value, &Incoming<'_>, UtcTime) -> Result<Vec<DeliveryEvent>, EventRefusal>,
}
