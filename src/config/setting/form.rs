//! How the text of a variable becomes a value.

use crate::config::environment::Environment;

/// What is wrong with a text. Each entry completes a sentence that begins with the name of the setting.
pub(crate) type Objections = Vec<String>;

/// A form that texts have to have.
pub(crate) trait Form {
    /// What a text of this form becomes.
    type Value;

    /// Which texts are allowed; completes "must be …".
    fn allowed(&self) -> String;

    /// The value of a text, or everything that is wrong with the text. An objection repeats the text of no secret.
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

/// The one objection of most forms.
pub(crate) fn not_allowed(form: &impl Form) -> Objections {
    vec![format!("must be {}", form.allowed())]
}

/// The value, unless there are objections.
pub(crate) fn unless<T>(objections: Objections, value: T) -> Result<T, Objections> {
    if objections.is_empty() { Ok(value) } else { Err(objections) }
}
