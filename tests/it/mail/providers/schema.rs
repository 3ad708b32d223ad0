//! JSON schemas of requests, as mail APIs document them. A member with the schema `false` is documented, and this
//! service does not send it.

use serde_json::{Value, json};

/// A text that is not empty.
pub(super) fn text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

pub(super) fn switch() -> Value {
    json!({ "type": "boolean" })
}

/// A list that is not empty.
pub(super) fn list(items: &Value) -> Value {
    json!({ "type": "array", "minItems": 1, "items": items })
}

/// Texts under any names.
pub(super) fn texts() -> Value {
    json!({ "type": "object", "additionalProperties": text() })
}

/// An object with no members but those listed.
pub(super) fn object(required: &[&str], members: &Value) -> Value {
    json!({ "type": "object", "required": required, "properties": members, "additionalProperties": false })
}

#[track_caller]
pub(super) fn assert_valid(schema: &Value, value: &Value, what: &str) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\nin {value:#}");
}
