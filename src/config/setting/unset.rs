//! What holds while a setting is unset.

use super::form::{Form, WriteForm};
use crate::config::environment::Environment;

/// What holds while a setting of the form `F` is unset.
pub(crate) trait Unset<F: Form> {
    /// The type that reading the setting gives.
    type Read;

    /// The value that was given, or what holds without one.
    fn settle(&self, form: &F, given: Option<F::Value>, environment: Environment) -> Self::Read;

    /// What holds without a value, in Markdown.
    fn describe(&self, form: &F) -> String;
}

/// A default that is a value.
pub(crate) struct Value<T>(pub(crate) T);

impl<T: Copy, F: WriteForm> Unset<F> for Value<T>
where
    F::Value: From<T>,
{
    type Read = F::Value;

    fn settle(&self, _: &F, given: Option<F::Value>, _: Environment) -> F::Value {
        given.unwrap_or_else(|| self.0.into())
    }

    fn describe(&self, form: &F) -> String {
        written(form, self.0)
    }
}

/// A default that differs between the environments.
pub(crate) struct ByEnvironment<T> {
    /// The default in development.
    pub(crate) development: T,
    /// The default in production.
    pub(crate) production: T,
}

impl<T: Copy, F: WriteForm> Unset<F> for ByEnvironment<T>
where
    F::Value: From<T>,
{
    type Read = F::Value;

    fn settle(&self, _: &F, given: Option<F::Value>, environment: Environment) -> F::Value {
        given.unwrap_or_else(|| {
            match environment {
                Environment::Development => self.development,
                Environment::Production => self.production,
            }
            .into()
        })
    }

    fn describe(&self, form: &F) -> String {
        let (development, production) = (written(form, self.development), written(form, self.production));
        format!("{production} in production, {development} in development")
    }
}

/// A default that depends on the machine.
pub(crate) struct Computed<T> {
    /// Finds the default.
    pub(crate) value: fn() -> T,
    /// The default in words.
    pub(crate) words: &'static str,
}

impl<F: Form> Unset<F> for Computed<F::Value> {
    type Read = F::Value;

    fn settle(&self, _: &F, given: Option<F::Value>, _: Environment) -> F::Value {
        given.unwrap_or_else(self.value)
    }

    fn describe(&self, _: &F) -> String {
        self.words.to_owned()
    }
}

/// A default that is written as text, because a constant cannot hold its value. Reading gives `None` only where the
/// text does not parse.
pub(crate) struct Parsed(pub(crate) &'static str);

impl<F: Form> Unset<F> for Parsed {
    type Read = Option<F::Value>;

    fn settle(&self, form: &F, given: Option<F::Value>, environment: Environment) -> Option<F::Value> {
        given.or_else(|| form.parse(self.0, environment).ok())
    }

    fn describe(&self, _: &F) -> String {
        format!("`{}`", self.0)
    }
}

/// No default; the words say what happens without a value.
pub(crate) struct Nothing(pub(crate) &'static str);

impl<F: Form> Unset<F> for Nothing {
    type Read = Option<F::Value>;

    fn settle(&self, _: &F, given: Option<F::Value>, _: Environment) -> Option<F::Value> {
        given
    }

    fn describe(&self, _: &F) -> String {
        self.0.to_owned()
    }
}

fn written<F: WriteForm, T: Into<F::Value>>(form: &F, value: T) -> String {
    let value = value.into();
    let text = format!("`{}`", form.write(&value));
    match form.remark(&value) {
        Some(remark) => format!("{text} ({remark})"),
        None => text,
    }
}
