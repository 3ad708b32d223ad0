//! Examples of whole bodies and schemas, composed from the examples of their fields, which stand beside the fields.

use serde_json::{Map, Value, json};

type Schemas = Map<String, Value>;

/// Which fields an example shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fields {
    All,
    /// The fields that front ends usually send.
    Required,
}

/// Adds an example wherever the document has none, composed from those that it has.
pub(in crate::http) fn complete(document: &mut Value) {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object).cloned().unwrap_or_default();
    for section in ["/paths", "/webhooks"] {
        let operations = members(document.pointer_mut(section)).flat_map(|(_, item)| members(Some(item)));
        for (_, operation) in operations {
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten() {
                repeat_in_schema(parameter);
            }
            for (_, content) in members(operation.pointer_mut("/requestBody/content")) {
                add_to_content(content, Fields::Required, &schemas);
            }
            for (_, response) in members(operation.get_mut("responses")) {
                add_to_response(response, &schemas);
            }
        }
    }
    for (_, response) in members(document.pointer_mut("/components/responses")) {
        add_to_response(response, &schemas);
    }
    for (_, schema) in members(document.pointer_mut("/components/schemas")) {
        add_to_schema(schema, &schemas);
    }
}

fn members(object: Option<&mut Value>) -> impl Iterator<Item = (&String, &mut Value)> {
    object.and_then(Value::as_object_mut).into_iter().flatten()
}

fn set_example(holder: &mut Value, example: Value) {
    if let Some(holder) = holder.as_object_mut() {
        holder.insert("example".to_owned(), example);
    }
}

/// Copies the example beside an inline schema into the schema.
fn repeat_in_schema(holder: &mut Value) {
    let example = holder.get("example").cloned();
    let schema = holder.get_mut("schema").filter(|schema| schema.get("$ref").is_none());
    if let (Some(example), Some(schema)) = (example, schema) {
        set_example(schema, example);
    }
}

fn add_to_response(response: &mut Value, schemas: &Schemas) {
    for (name, header) in members(response.get_mut("headers")) {
        let example = match name.as_str() {
            "ETag" => json!("\"5f1c0e7d9a3b4c2d8e6f7a1b2c3d4e5f\""),
            "Location" => json!("https://identity.example.com/change-password"),
            "Pragma" => json!("no-cache"),
            "Retry-After" => json!(60),
            "WWW-Authenticate" => json!("Basic realm=\"stakis-identity\""),
            _ => continue,
        };
        set_example(header, example);
        repeat_in_schema(header);
    }
    for (_, content) in members(response.get_mut("content")) {
        add_to_content(content, Fields::All, schemas);
    }
}

fn add_to_content(content: &mut Value, fields: Fields, schemas: &Schemas) {
    let has_own = content.get("example").or(content.get("examples")).is_some();
    let example = content.get("schema").and_then(|schema| compose(schema, fields, schemas));
    if let (false, Some(example)) = (has_own, example) {
        set_example(content, example);
    }
    repeat_in_schema(content);
}

fn add_to_schema(schema: &mut Value, schemas: &Schemas) {
    if schema.get("$ref").is_some() {
        return;
    }
    let example = compose(schema, Fields::All, schemas);
    if let (false, Some(example)) = (schema.get("example").is_some(), example) {
        set_example(schema, example);
    }
    // Linters read `example` and ignore `examples`.
    if let Some(schema) = schema.as_object_mut() {
        schema.shift_remove("examples");
    }
    for (_, property) in members(schema.get_mut("properties")) {
        add_to_schema(property, schemas);
    }
    let element = schema.pointer("/example/0").cloned();
    for (inner, example) in [("items", element), ("additionalProperties", None)] {
        let Some(inner) = schema.get_mut(inner) else { continue };
        add_to_schema(inner, schemas);
        let has_own = inner.get("example").or(inner.get("$ref")).is_some();
        if let (false, Some(example)) = (has_own, example) {
            set_example(inner, example);
        }
    }
    for parts in ["allOf", "anyOf", "oneOf"] {
        for part in schema.get_mut(parts).and_then(Value::as_array_mut).into_iter().flatten() {
            add_to_schema(part, schemas);
        }
    }
}

/// The schema's own example, or one composed from its parts.
fn compose(schema: &Value, fields: Fields, schemas: &Schemas) -> Option<Value> {
    if let Some(example) = schema.get("example") {
        return Some(example.clone());
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        return compose(schemas.get(name)?, fields, schemas);
    }
    let list = |name: &str| schema.get(name).and_then(Value::as_array);
    if let Some(example) = schema.pointer("/examples/0") {
        return Some(example.clone());
    }
    // Any value of an enumeration serves as its example.
    if let Some(value) = list("enum").and_then(|values| values.first()) {
        return Some(value.clone());
    }
    if let Some([part]) = list("allOf").map(Vec::as_slice) {
        return compose(part, fields, schemas);
    }
    if let Some(parts) = list("allOf") {
        let parts = parts.iter().filter_map(|part| compose(part, fields, schemas));
        let members = parts.filter_map(|part| part.as_object().cloned()).flatten();
        return Some(Value::Object(members.collect()));
    }
    if let Some(choices) = list("anyOf").or(list("oneOf")) {
        return choices.iter().find_map(|choice| compose(choice, fields, schemas));
    }
    if let Some(items) = schema.get("items") {
        return Some(json!([compose(items, fields, schemas)?]));
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let required = list("required");
        let shown = properties.iter().filter(|(name, _)| {
            fields == Fields::All || required.is_some_and(|required| required.iter().any(|one| one == *name))
        });
        let members =
            shown.filter_map(|(name, property)| Some((name.clone(), compose(property, fields, schemas)?)));
        return Some(Value::Object(members.collect()));
    }
    // Only numbers in a map get here, because every field has its own example.
    (schema.get("type")? == "integer").then(|| json!(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_composed_of_those_of_the_fields() {
        let mut document = json!({
            "paths": { "/x": { "post": {
                "parameters": [{ "name": "id", "example": "i", "schema": { "type": "string" } }],
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/In" } } } },
                "responses": { "200": {
                    "headers": { "Retry-After": { "schema": { "type": "integer" } } },
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Out" } } },
                } },
            } } },
            "components": { "schemas": {
                "In": { "required": ["a"], "properties": { "a": { "example": 1 }, "b": { "example": 2 } } },
                "Out": { "allOf": [
                    { "$ref": "#/components/schemas/In" },
                    { "properties": {
                        "list": { "type": "array", "items": { "$ref": "#/components/schemas/In" } },
                        "none": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/In" }] },
                    } },
                ] },
            } },
        });
        complete(&mut document);
        let at = |pointer: &str| document.pointer(pointer).cloned().unwrap_or_default();
        let whole = json!({ "a": 1, "b": 2 });
        assert_eq!(at("/paths/~1x/post/parameters/0/schema/example"), "i");
        assert_eq!(at("/paths/~1x/post/requestBody/content/application~1json/example"), json!({ "a": 1 }));
        assert_eq!(at("/paths/~1x/post/responses/200/headers/Retry-After/schema/example"), 60);
        let answer = at("/paths/~1x/post/responses/200/content/application~1json/example");
        assert_eq!(answer, json!({ "a": 1, "b": 2, "list": [whole], "none": whole }));
        assert_eq!(at("/components/schemas/In/example"), whole);
    }
}
