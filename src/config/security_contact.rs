//! Whom somebody writes to who has found a hole in the service.

use url::Url;

use super::{
    environment::Environment,
    setting::{Form, Nothing, Objections, Secrecy, Setting, not_allowed},
};
use crate::types::EmailAddress;

pub(super) const SECURITY_CONTACT: Setting<ContactUri, Nothing> = Setting {
    name: "STAKIS_SECURITY_CONTACT",
    secrecy: Secrecy::Open,
    form: ContactUri,
    unset: Nothing("none: `/.well-known/security.txt` answers 404"),
    sentence: "Contact for reports of security holes. `/.well-known/security.txt` (RFC 9116) tells it.",
};

/// The address of a contact as a URI (RFC 9116 §2.5.3). Its value is the text as it was written.
pub(super) struct ContactUri;

impl Form for ContactUri {
    type Value = String;

    fn allowed(&self) -> String {
        "one URI such as mailto:security@example.com, https://example.com/security or tel:+386-1-587-31-31"
            .to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<String, Objections> {
        // A URI has no spaces. A line end in it would begin another field of the file.
        let is_uri = text.chars().all(|character| character.is_ascii_graphic());
        let (scheme, rest) = text.split_once(':').unwrap_or_default();
        let is_contact = match scheme {
            "mailto" => EmailAddress::parse(rest).is_ok(),
            "https" => Url::parse(text).is_ok_and(|url| url.username().is_empty() && url.password().is_none()),
            "tel" => is_global_number(rest),
            _ => false,
        };
        if is_uri && is_contact { Ok(text.to_owned()) } else { Err(not_allowed(self)) }
    }
}

/// Whether this is a telephone number with its country, with or without the separators of RFC 3966 §5.1.1.
fn is_global_number(text: &str) -> bool {
    let Some(number) = text.strip_prefix('+') else { return false };
    let digits = number.chars().filter(char::is_ascii_digit).count();
    (3..=15).contains(&digits)
        && number.chars().all(|character| character.is_ascii_digit() || "-.()".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(text: &str) -> bool {
        ContactUri.parse(text, Environment::Production).is_ok()
    }

    #[test]
    fn op_07_a_contact_is_one_address_that_people_can_use() {
        for text in [
            "mailto:security@example.com",
            "https://example.com/security",
            "https://example.com/security?from=file#form",
            "tel:+386-1-587-31-31",
            "tel:+38615873131",
        ] {
            assert!(accepts(text), "{text}");
        }
        for text in [
            "",
            "security@example.com",
            "mailto:",
            "mailto:security",
            "mailto:security@example.com,other@example.com",
            "mailto:security@example.com\nCanonical: https://example.org",
            "mailto: security@example.com",
            "http://example.com/security",
            "https:",
            "https://",
            "https://user@example.com/",
            "https://:secret@example.com/",
            "https://example.com/a b",
            "https://example.com/\tsecurity",
            "tel:015873131",
            "tel:+",
            "tel:+12",
            "tel:+1234567890123456",
            "tel:+386x1",
            "javascript:alert(1)",
            "ftp://example.com",
            "MAILTO",
        ] {
            assert!(!accepts(text), "{text:?}");
        }
    }
}
