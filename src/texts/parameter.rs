//! Sentences that are about one number.

use super::sentences::text;
use crate::types::Locale;

/// A number that a sentence is about, under its name in `params`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The name, such as `min_length`.
    pub name: &'static str,
    /// The value, in code points where it is a length.
    pub value: usize,
}

/// The sentence under a key, with its number filled in where it has one.
#[must_use]
pub fn sentence(locale: Locale, key: &str, parameter: Option<Parameter>) -> String {
    let arguments: Vec<_> = parameter.iter().map(|parameter| (parameter.name, parameter.value.into())).collect();
    text(locale, key, &arguments)
}
