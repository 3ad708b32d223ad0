//! What may be null. The attributes describe it as a choice between a schema and null, which linters and generators of
//! clients take for two alternatives.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

type Schemas = Map<String, Value>;

/// Describes each nullable text, number, truth value and enumeration as one schema, and each body and parameter that may be left out by the schema of
/// its value alone: `required` says already that it may be left out.
pub(super) fn settle(document: &mut Value) {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object).cloned().unwrap_or_default();
    let paths = document.pointer_mut("/paths").and_then(Value::as_object_mut).into_iter().flatten();
    for operation in paths.filter_map(|(_, item)| item.as_object_mut()).flatten().map(|(_, operation)| operation) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for kind in parameters.into_iter().flatten().filter_map(|parameter| parameter.pointer_mut("/schema/type")) {
            let names = kind.as_array().into_iter().flatten().filter(|name| *name != "null").cloned();
            if let [name] = names.collect::<Vec<_>>().as_slice() {
                *kind = name.clone();
            }
        }
        let contents = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut);
        for (_, content) in contents.into_iter().flatten() {
            if let Some(schema) = content.get_mut("schema")
                && let Some(alternative) = only_alternative(schema)
            {
                *schema = alternative.clone();
            }
        }
    }
    merge_alternatives(document, &schemas);
}

/// Removes the enumerations to which nothing refers any more, because wherever they are used they may be null.
pub(super) fn remove_unused(document: &mut Value) {
    let mut used = BTreeSet::new();
    collect_references(document, &mut used);
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.retain(|name, schema| used.contains(name) || schema.get("enum").is_none());
    }
}

/// The names of the schemas that a part of the document refers to.
fn collect_references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next());
            names.extend(name.map(str::to_owned));
            members.values().for_each(|member| collect_references(member, names));
        }
        Value::Array(values) => values.iter().for_each(|member| collect_references(member, names)),
        _ => (),
    }
}

/// The schema that a value has unless it is null.
fn only_alternative(schema: &Value) -> Option<&Value> {
    let alternatives = schema.get("oneOf")?.as_array()?;
    let is_null = |alternative: &Value| alternative.get("type").is_some_and(|name| name == "null");
    match alternatives.as_slice() {
        [null, other] | [other, null] if is_null(null) && !is_null(other) => Some(other),
        _ => None,
    }
}

fn merge_alternatives(value: &mut Value, schemas: &Schemas) {
    if let Some(merged) = only_alternative(value).and_then(|alternative| merged_alternative(alternative, schemas))
        && let Some(members) = value.as_object_mut()
    {
        members.remove("oneOf");
        for (name, member) in merged {
            members.entry(name).or_insert(member);
        }
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| merge_alternatives(member, schemas)),
        Value::Array(values) => values.iter_mut().for_each(|member| merge_alternatives(member, schemas)),
        _ => (),
    }
}

/// What a reference leads to, with null as one more value; `None` where that is an object or a list. What stands beside the
/// reference wins, such as the description of the field.
fn merged_alternative(reference: &Value, schemas: &Schemas) -> Option<Schemas> {
    let name = reference.get("$ref")?.as_str()?.rsplit('/').next()?;
    let mut merged = schemas.get(name)?.as_object()?.clone();
    let kind = merged.get("type")?.as_str().filter(|kind| !["object", "array"].contains(kind))?.to_owned();
    if let Some(values) = merged.get_mut("enum").and_then(Value::as_array_mut) {
        values.push(Value::Null);
    }
    merged.insert("type".to_owned(), json!([kind, "null"]));
    let beside = reference.as_object()?.iter().filter(|(name, _)| *name != "$ref");
    merged.extend(beside.map(|(name, member)| (name.clone(), member.clone())));
    Some(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body, a parameter and two fields that may be null.
    fn document(parameter: &Value, body: &Value, way: &Value) -> Value {
        let body = json!({ "content": { "application/json": { "schema": body } } });
        let parameters = json!([{ "name": "If-Match", "schema": { "type": parameter } }]);
        let result = json!({ "properties": { "by": way, "whole": either("Whole") } });
        let way = json!({ "type": "string", "enum": ["page", "mail"], "description": "A way." });
        json!({
            "paths": { "/x": { "post": { "parameters": parameters, "requestBody": body } } },
            "components": { "schemas": { "Way": way, "Whole": { "type": "object" }, "Result": result } },
        })
    }

    fn reference(name: &str) -> Value {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn either(name: &str) -> Value {
        json!({ "oneOf": [{ "type": "null" }, reference(name)] })
    }

    #[test]
    fn a_nullable_enumeration_is_one_schema_and_a_body_is_never_null() {
        let mut way = reference("Way");
        way["description"] = "The way.".into();
        let way = json!({ "oneOf": [way, { "type": "null" }] });
        let mut settled = document(&json!(["string", "null"]), &either("Whole"), &way);
        settle(&mut settled);
        let way = json!({ "type": ["string", "null"], "enum": ["page", "mail", null], "description": "The way." });
        assert_eq!(settled, document(&json!("string"), &reference("Whole"), &way));
    }
}
