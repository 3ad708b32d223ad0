//! A mail that is ready to be handed over.

use crate::types::{EmailAddress, MailId, MailKind};

/// A finished mail. Every attempt for the same mail sends the same bytes.
#[derive(Clone)]
pub struct OutgoingMail {
    /// The mail's id, which also serves as idempotency key.
    pub id: MailId,
    /// The only recipient.
    pub to: EmailAddress,
    /// What the mail is about; sent along as a tag, for the provider's statistics.
    pub kind: MailKind,
    /// The subject, without personal data.
    pub subject: String,
    /// The text part, with the same content as the HTML part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}
