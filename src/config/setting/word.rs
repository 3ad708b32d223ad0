//! Settings that are one of a few words.

use super::form::{Form, Objections, WriteForm, not_allowed};
use crate::{config::environment::Environment, types::text_enum};

/// One value of a closed vocabulary.
pub(crate) struct OneOf<T: 'static> {
    values: &'static [T],
    text: fn(T) -> &'static str,
}

impl<T> OneOf<T> {
    /// Allows these values. `text` gives the word of a value.
    pub(crate) const fn new(values: &'static [T], text: fn(T) -> &'static str) -> Self {
        Self { values, text }
    }
}

impl<T: Copy> Form for OneOf<T> {
    type Value = T;

    fn allowed(&self) -> String {
        let words: Vec<&str> = self.values.iter().map(|value| (self.text)(*value)).collect();
        format!("one of: {}", words.join(", "))
    }

    fn parse(&self, text: &str, _: Environment) -> Result<T, Objections> {
        let value = self.values.iter().find(|value| (self.text)(**value) == text);
        value.copied().ok_or_else(|| not_allowed(self))
    }
}

impl<T: Copy> WriteForm for OneOf<T> {
    fn write(&self, value: &T) -> String {
        (self.text)(*value).to_owned()
    }
}

text_enum! {
    /// The state of a switch.
    enum SwitchState {
        /// Switched on.
        On = "on",
        /// Switched off.
        Off = "off",
    }
}

/// `on` or `off`.
pub(crate) struct Switch;

const SWITCH: OneOf<SwitchState> = OneOf::new(SwitchState::ALL, SwitchState::as_str);

impl Form for Switch {
    type Value = bool;

    fn allowed(&self) -> String {
        SWITCH.allowed()
    }

    fn parse(&self, text: &str, environment: Environment) -> Result<bool, Objections> {
        SWITCH.parse(text, environment).map(|state| state == SwitchState::On)
    }
}

impl WriteForm for Switch {
    fn write(&self, value: &bool) -> String {
        SWITCH.write(&if *value { SwitchState::On } else { SwitchState::Off })
    }
}
