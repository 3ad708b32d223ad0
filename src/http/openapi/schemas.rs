//! What the attributes beside the handlers cannot say about a schema.

use serde_json::{Map, Value, json};

/// Corrects the schemas of a document that is otherwise finished.
pub(in crate::http) fn settle(document: &mut Value) {
    // An answer with a session has all fields of one without, so it fits both: any of the two, and not one of them.
    let changed = document.pointer_mut("/components/schemas/PasswordChanged").and_then(Value::as_object_mut);
    if let Some(changed) = changed
        && let Some(either) = changed.remove("oneOf")
    {
        changed.insert("anyOf".to_owned(), either);
    }
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        separate_references(schemas);
    }
}

/// A reference with a description beside it becomes a part of a schema with that description: OpenAPI 3.1 allows the
/// first, but whatever still reads as in 3.0 drops all that stands beside a reference.
fn separate_references(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.len() > 1
                && let Some(reference) = members.remove("$ref")
            {
                members.insert("allOf".to_owned(), json!([Map::from_iter([("$ref".to_owned(), reference)])]));
            }
            members.values_mut().for_each(separate_references);
        }
        Value::Array(values) => values.iter_mut().for_each(separate_references),
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stands_beside_a_reference() {
        let mut schemas = json!({ "properties": {
            "a": { "$ref": "#/x", "description": "An a." },
            "b": { "$ref": "#/x" },
            "c": { "anyOf": [{ "$ref": "#/x", "description": "A c." }] },
        } });
        separate_references(&mut schemas);
        let parts = json!([{ "$ref": "#/x" }]);
        let separated = json!({ "properties": {
            "a": { "allOf": parts, "description": "An a." },
            "b": { "$ref": "#/x" },
            "c": { "anyOf": [{ "allOf": parts, "description": "A c." }] },
        } });
        assert_eq!(schemas, separated);
    }
}
