//! Corrections of schemas that the attributes beside the handlers cannot express.

use serde_json::{Map, Value, json};

/// Corrects the schemas of a document that is otherwise finished.
pub(in crate::http) fn settle(document: &mut Value) {
    // An answer with a session has all fields of one without and fits both schemas, so `oneOf` would refuse it.
    let changed = document.pointer_mut("/components/schemas/PasswordChanged").and_then(Value::as_object_mut);
    if let Some(changed) = changed
        && let Some(either) = changed.remove("oneOf")
    {
        changed.insert("anyOf".to_owned(), either);
    }
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        separate_references(schemas);
        for (schema, property, example) in EXAMPLES {
            if let Some(schema) = schemas.get_mut(schema) {
                set_example(schema, property, example);
            }
        }
    }
}

/// Examples of properties that refer to another schema, which the attributes lose: the schema, the property and the
/// value.
const EXAMPLES: [(&str, &str, &str); 23] = [
    ("Problem", "code", "validation-failed"),
    ("FieldProblem", "code", "too_short"),
    ("FieldErrorType", "code", "required"),
    ("PolicyRule", "code", "too_short"),
    ("ProblemType", "code", "reset-link-unusable"),
    ("OAuthError", "error", "unsupported_grant_type"),
    ("Finding", "code", "mail_bounced"),
    ("FindingType", "code", "link_withdrawn"),
    ("TimelineEntry", "event", "mail_handed_over"),
    ("Activity", "event", "sign_in"),
    ("AuditEvent", "event", "user_closed"),
    ("AuditEvent", "outcome", "success"),
    ("Event", "type", "account.closed"),
    ("WebhookEndpoint", "state", "active"),
    ("WebhookEndpoint", "signature", "v1"),
    ("NewWebhookEndpoint", "signature", "v1"),
    ("WebhookDelivery", "type", "account.closed"),
    ("WebhookDelivery", "outcome", "delivered"),
    ("AccountCreatedData", "by", "administrator"),
    ("AccountUpdatedData", "by", "administrator"),
    ("AccountClosedData", "by", "administrator"),
    ("AccountReopenedData", "by", "administrator"),
    ("AccountErasedData", "by", "administrator"),
];

/// Sets the example of a property, which may belong to a part of the schema.
fn set_example(schema: &mut Value, property: &str, example: &str) {
    let pointer = format!("/properties/{property}");
    if let Some(property) = schema.pointer_mut(&pointer).and_then(Value::as_object_mut) {
        property.insert("example".to_owned(), example.into());
    }
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        set_example(part, property, example);
    }
}

/// Moves a reference that has a description beside it into a schema with that description. OpenAPI 3.1 allows both
/// beside each other, but tools that read documents as 3.0 drop everything beside a reference.
fn separate_references(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for part in members.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
                keep_reference(part);
            }
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

/// Removes what stands beside a reference in a part of an `allOf`, since such a part describes no field. Clients that
/// are generated in Python lose the fields of a part that is no bare reference.
fn keep_reference(part: &mut Value) {
    if let Some(members) = part.as_object_mut()
        && members.contains_key("$ref")
    {
        members.retain(|name, _| name == "$ref");
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
            "d": { "allOf": [{ "$ref": "#/x", "description": "A part." }, { "description": "The rest." }] },
        } });
        separate_references(&mut schemas);
        let parts = json!([{ "$ref": "#/x" }]);
        let separated = json!({ "properties": {
            "a": { "allOf": parts, "description": "An a." },
            "b": { "$ref": "#/x" },
            "c": { "anyOf": [{ "allOf": parts, "description": "A c." }] },
            "d": { "allOf": [{ "$ref": "#/x" }, { "description": "The rest." }] },
        } });
        assert_eq!(schemas, separated);
    }
}
