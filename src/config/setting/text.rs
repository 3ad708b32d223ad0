//! Settings whose text is taken as it is, and e-mail addresses.

use secrecy::SecretString;

use super::form::{Form, Objections, WriteForm, not_allowed};
use crate::{config::environment::Environment, types::EmailAddress};

/// Any text. The field tells the documentation which texts are allowed.
pub(crate) struct Text(pub(crate) &'static str);

impl Form for Text {
    type Value = String;

    fn allowed(&self) -> String {
        self.0.to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<String, Objections> {
        Ok(text.to_owned())
    }
}

impl WriteForm for Text {
    fn write(&self, value: &String) -> String {
        value.clone()
    }
}

/// Any text that is never shown. The field tells the documentation which texts are allowed.
pub(crate) struct Secret(pub(crate) &'static str);

impl Form for Secret {
    type Value = SecretString;

    fn allowed(&self) -> String {
        self.0.to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<SecretString, Objections> {
        // Most secrets go into a header, which can hold no such character: no call would ever be made with it.
        if text.chars().any(char::is_control) {
            return Err(vec!["must have no line end and no other control character in it".to_owned()]);
        }
        Ok(SecretString::from(text))
    }
}

/// An e-mail address that mails can be sent from.
pub(crate) struct Email;

impl Form for Email {
    type Value = EmailAddress;

    fn allowed(&self) -> String {
        "an e-mail address".to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<EmailAddress, Objections> {
        EmailAddress::parse(text).map_err(|_| not_allowed(self))
    }
}
