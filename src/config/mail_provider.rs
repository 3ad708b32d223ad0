//! The mail APIs that the service supports.

use crate::types::text_enum;

text_enum! {
    /// The providers of mail APIs, by the names in the settings, in the table of mails and in
    /// `/v1/mail-events/{provider}`.
    pub enum MailProviderKind {
        /// Mailpit's `POST /api/v1/send`; also the embedded mailbox. Development only.
        Mailpit = "mailpit",
        /// Resend's `POST /emails`.
        Resend = "resend",
        /// Brevo's `POST /v3/smtp/email`.
        Brevo = "brevo",
        /// Postmark's `POST /email`.
        Postmark = "postmark",
        /// Twilio SendGrid's `POST /v3/mail/send`.
        SendGrid = "sendgrid",
    }
}

impl MailProviderKind {
    /// The base address of the provider's API. Mailpit has none, since each installation runs its own.
    pub(super) const fn public_address(self) -> Option<&'static str> {
        match self {
            Self::Mailpit => None,
            Self::Resend => Some("https://api.resend.com"),
            Self::Brevo => Some("https://api.brevo.com"),
            Self::Postmark => Some("https://api.postmarkapp.com"),
            Self::SendGrid => Some("https://api.sendgrid.com"),
        }
    }
}
