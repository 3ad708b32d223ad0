//! What is wrong with the form of a JSON body. The words are for developers: a customer never causes it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::types::FieldCode;

/// A mistake in the form of a JSON body. It repeats nothing of what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct BodyMistake {
    /// Its place, as a JSON pointer; empty for the body as a whole.
    pub(in crate::http) pointer: String,
    pub(in crate::http) kind: BodyMistakeKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum BodyMistakeKind {
    /// The text is no JSON.
    Syntax { line: usize, column: usize },
    /// The body is JSON, and no object.
    NotAnObject,
    /// A value has another type than this one, or is null.
    WrongType { expected: &'static str },
    /// The object has a field that the operation does not know.
    UnknownField,
    /// A field occurs twice.
    DuplicateField,
}

impl BodyMistakeKind {
    pub(super) const fn code(self) -> FieldCode {
        match self {
            Self::Syntax { .. } => FieldCode::Syntax,
            Self::NotAnObject => FieldCode::NotAnObject,
            Self::WrongType { .. } => FieldCode::WrongType,
            Self::UnknownField => FieldCode::UnknownField,
            Self::DuplicateField => FieldCode::DuplicateField,
        }
    }

    pub(super) fn sentence(self) -> String {
        match self {
            Self::Syntax { line, column } => {
                format!("The body is no JSON in UTF-8 from line {line}, column {column} on.")
            }
            Self::NotAnObject => "The body must be one JSON object.".to_owned(),
            Self::WrongType { expected } => format!("The value must have the type {expected}; null is none."),
            Self::UnknownField => "The object has a field that this operation does not know.".to_owned(),
            Self::DuplicateField => "The field occurs twice.".to_owned(),
        }
    }

    pub(super) fn params(self) -> BTreeMap<&'static str, Value> {
        match self {
            Self::Syntax { line, column } => BTreeMap::from([("line", json!(line)), ("column", json!(column))]),
            Self::WrongType { expected } => BTreeMap::from([("expected", json!(expected))]),
            Self::NotAnObject | Self::UnknownField | Self::DuplicateField => BTreeMap::new(),
        }
    }
}
