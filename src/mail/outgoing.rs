//! A mail that is ready to be handed over.

use serde_json::{Map, Value};

use crate::types::{EmailAddress, MailId, MailKind};

/// A finished mail. Every attempt for the same mail sends the same bytes.
#[derive(Clone)]
pub struct OutgoingMail {
    /// The mail's id, which also serves as idempotency key.
    pub id: MailId,
    /// The only recipient.
    pub to: EmailAddress,
    /// The display name of the sender.
    pub sender_name: String,
    /// The address that an answer goes to.
    pub reply_to: EmailAddress,
    /// Further fields of the header, with their names.
    pub headers: Vec<(&'static str, String)>,
    /// What the mail is about; sent along as a tag, for the provider's statistics.
    pub kind: MailKind,
    /// The subject, without personal data.
    pub subject: String,
    /// The text part, with the same content as the HTML part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl OutgoingMail {
    /// The further fields of the header as a JSON object, which most mail APIs take.
    pub(super) fn header_object(&self) -> Map<String, Value> {
        self.headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect()
    }

    /// The sender as a mail shows it: `Name <address>`. A name with a character that has a meaning there stands in
    /// quotes (RFC 5322 §3.2.4); the settings allow neither a quote nor a backslash in it.
    pub(super) fn sender(&self, from: &EmailAddress) -> String {
        let is_plain = |character: char| character == ' ' || !"()<>[]:;@,.\"\\".contains(character);
        let name = &self.sender_name;
        let quote = if name.chars().all(is_plain) { "" } else { "\"" };
        format!("{quote}{name}{quote} <{}>", from.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::testing::example;

    #[test]
    fn ml_04_a_name_with_a_comma_stays_one_sender() {
        let from = EmailAddress::parse("internal@topmotive.eu").unwrap();
        for (name, sender) in [
            ("STAkis", "STAkis <internal@topmotive.eu>"),
            ("Avto Čepič", "Avto Čepič <internal@topmotive.eu>"),
            ("Deli, d. o. o.", "\"Deli, d. o. o.\" <internal@topmotive.eu>"),
            ("a@b", "\"a@b\" <internal@topmotive.eu>"),
        ] {
            let mail = OutgoingMail { sender_name: name.to_owned(), ..example() };
            assert_eq!(mail.sender(&from), sender);
        }
    }
}
