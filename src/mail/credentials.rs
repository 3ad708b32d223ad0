//! What a mail API says of credentials, and the call that asks it.

use super::{answer::Answer, api_account::ApiAccount};
use crate::{outbound::OutboundRequest, types::EmailAddress};

/// What a mail API says of the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// They are right, and as far as the call can tell mails may be sent with them.
    Right,
    /// They are right, and may do nothing but send. The sender's domain cannot be looked up with them.
    RightForSendingAlone,
    /// The account does not know the sender's domain, or has not verified it.
    SenderUnverified,
    /// They may not send.
    MayNotSend,
    /// They are refused; with the answer's status and code.
    Refused(String),
    /// The mail API did not answer; with the reason.
    NoAnswer(String),
    /// The answer does not tell; with its status and code.
    Unclear(String),
}

/// The call of a provider that shows whether credentials are right, and sends nothing.
pub(super) struct CredentialsCall {
    pub(super) request: fn(&ApiAccount) -> OutboundRequest,
    /// Says what an answer with this sender means.
    pub(super) classify: fn(&Answer, &EmailAddress) -> Credentials,
}

impl Credentials {
    /// The meaning of a status that the provider defines no further.
    pub(super) fn by_status(answer: &Answer, code: &str) -> Self {
        match answer.status.as_u16() {
            200..=299 => Self::Right,
            401 | 403 => Self::Refused(answer.error(code)),
            _ => Self::Unclear(answer.error(code)),
        }
    }
}
