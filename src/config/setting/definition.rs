//! The definition of one setting.

use secrecy::ExposeSecret as _;

use super::{
    description::{Describe, SettingDescription},
    form::Form,
    reader::Reader,
    secrecy::Secrecy,
    unset::Unset,
};
use crate::config::environment::Environment;

/// The definition of one environment variable.
pub(crate) struct Setting<F, U> {
    /// The name of the variable.
    pub(crate) name: &'static str,
    /// Whether the value may be shown.
    pub(crate) secrecy: Secrecy,
    /// Which texts are allowed, and which value each gives.
    pub(crate) form: F,
    /// What holds while the variable is unset.
    pub(crate) unset: U,
    /// What the setting does, for operators, in Markdown.
    pub(crate) sentence: &'static str,
}

impl<F: Form, U: Unset<F>> Setting<F, U> {
    /// The value of the variable, or what holds while it is unset. An objection to the text becomes a problem of the
    /// reader, and the variable then counts as unset.
    pub(crate) fn read(&self, reader: &mut Reader) -> U::Read {
        let environment = reader.environment();
        let value = reader.given(self.name, self.secrecy).and_then(|text| {
            let parsed = self.form.parse(text.expose_secret(), environment);
            parsed.map_err(|objections| self.object(reader, objections)).ok()
        });
        self.unset.settle(&self.form, value, environment)
    }

    /// Whether the variable, or the one that names its file, is set. The text may be wrong.
    pub(crate) fn is_given(&self, reader: &Reader) -> bool {
        reader.is_given(self.name, self.secrecy)
    }

    /// Adds problems; each objection completes a sentence that begins with the name of the setting.
    pub(crate) fn object<T: AsRef<str>>(&self, reader: &mut Reader, objections: impl IntoIterator<Item = T>) {
        for objection in objections {
            reader.problem(format!("{} {}", self.name, objection.as_ref()));
        }
    }

    /// What holds while the variable is unset.
    pub(crate) fn default(&self, environment: Environment) -> U::Read {
        self.unset.settle(&self.form, None, environment)
    }
}

impl<F: Form, U: Unset<F>> Describe for Setting<F, U> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_secret(&self) -> bool {
        self.secrecy == Secrecy::Secret
    }

    fn describe(&self) -> SettingDescription {
        SettingDescription {
            name: self.name,
            is_secret: self.is_secret(),
            default: self.unset.describe(&self.form),
            allowed: self.form.allowed(),
            sentence: self.sentence,
        }
    }
}
