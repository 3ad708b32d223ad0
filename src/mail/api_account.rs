//! This service's account at a mail API.

use secrecy::SecretString;

use crate::{outbound::OutboundClient, types::EmailAddress};

/// This service's account at a mail API, with which requests are built.
pub(super) struct ApiAccount {
    pub(super) client: OutboundClient,
    pub(super) api_key: Option<SecretString>,
    /// The address that mails are sent from.
    pub(super) from: EmailAddress,
}
