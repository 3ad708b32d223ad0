//! How the text of a variable becomes a value.

use crate::config::environment::Environment;

/// What is wrong with a text. Each entry completes a sentence that begins with the name of the setting.
pub(crate) type Objections = Vec<String>;

/// The form of a text: which texts a setting allows, and what each of them means.
pub(crate) trait Form {
    /// The type of the value that a text becomes.
    type Value;

    /// Which texts are allowed; completes "must be …".
    fn allowed(&self) -> String;

    /// The value of a text, or everything that is wrong with it. An objection never repeats the text of a secret.
    fn parse(&self, text: &str, environment: Environment) -> Result<Self::Value, Objections>;
}

/// A form whose values can be written back, so that a default can be shown.
pub(crate) trait WriteForm: Form {
    /// The text that gives this value.
    fn write(&self, value: &Self::Value) -> String;

    /// The value in other words, where its text is hard to read.
    fn remark(&self, _value: &Self::Value) -> Option<String> {
        None
    }
}

/// The objection of a form with a single rule.
pub(crate) fn not_allowed(form: &impl Form) -> Objections {
    vec![format!("must be {}", form.allowed())]
}

/// The value, unless there are objections.
pub(crate) fn unless<T>(objections: Objections, value: T) -> Result<T, Objections> {
    if objections.is_empty() { Ok(value) } else { Err(objections) }
}
