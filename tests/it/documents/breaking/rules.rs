//! Each rule of the comparison, on a small document that is changed in one place.

use serde_json::{Value, json};

use super::operations::breaking;
use crate::support::plain_tests;

plain_tests![
    a_document_does_not_break_itself,
    an_operation_keeps_its_address_id_and_callers,
    a_request_asks_for_no_more_than_before,
    a_parameter_asks_for_no_more_than_before,
    an_answer_promises_no_less_than_before,
    alternatives_are_compared_with_each_other,
    what_is_added_breaks_nobody,
];

fn document() -> Value {
    json!({
        "paths": { "/things/{id}": { "post": {
            "operationId": "changeThing",
            "security": [{ "machine": ["things:write"] }, { "customer": [] }],
            "parameters": [
                { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 100 } },
                { "name": "If-Match", "in": "header", "schema": { "type": "string" } },
            ],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/In" } } } },
            "responses": {
                "200": {
                    "headers": { "ETag": { "schema": { "type": "string" } } },
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Out" } } },
                },
                "404": { "$ref": "#/components/responses/NotFound" },
            },
        } } },
        "components": {
            "responses": { "NotFound": { "content": { "application/problem+json": { "schema": { "type": "object" } } } } },
            "schemas": {
                "In": {
                    "type": "object",
                    "required": ["name"],
                    "additionalProperties": false,
                    "properties": {
                        "name": { "type": "string", "minLength": 1, "maxLength": 40 },
                        "kind": { "$ref": "#/components/schemas/Kind" },
                        "size": { "type": ["number", "null"] },
                        "tags": { "type": "array", "items": { "type": "string" } },
                    },
                },
                "Kind": { "type": "string", "enum": ["round", "square"] },
                "Out": { "allOf": [
                    { "$ref": "#/components/schemas/Base" },
                    { "type": "object", "required": ["parts"], "properties": {
                        "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Out" } },
                        "kind": { "allOf": [{ "$ref": "#/components/schemas/Kind" }], "description": "Its kind." },
                        "counts": { "type": "object", "additionalProperties": { "type": "integer" } },
                        "owner": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Base" }] },
                    } },
                ] },
                "Base": { "type": "object", "required": ["id", "at"], "properties": {
                    "id": { "type": "string" },
                    "at": { "type": "string", "format": "date-time" },
                    "note": { "type": ["string", "null"] },
                } },
            },
        },
    })
}

const POST: &str = "/paths/~1things~1{id}/post";
const IN: &str = "/components/schemas/In";
const OUT: &str = "/components/schemas/Out/allOf/1";
const BASE: &str = "/components/schemas/Base";

/// What breaks where a value is put in the place of another one, and where the same is taken back: `part place: what`.
fn both_ways(pointer: &str, value: Value) -> [Vec<String>; 2] {
    let old = document();
    let mut new = old.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = new.pointer_mut(parent).unwrap_or_else(|| panic!("{parent} is there"));
    let name = &name.replace("~1", "/").replace("~0", "~");
    match parent {
        // Null stands for nothing at all.
        Value::Object(members) if value.is_null() => _ = members.remove(name).unwrap(),
        Value::Object(members) => _ = members.insert(name.clone(), value),
        Value::Array(values) if value.is_null() => _ = values.remove(name.parse().unwrap()),
        Value::Array(values) if name == "-" => values.push(value),
        Value::Array(values) => values[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer} is in no object and no list"),
    }
    assert_ne!(old, new, "{pointer}");
    [(&old, &new), (&new, &old)].map(|(old, new)| {
        let changes = breaking(old, new).into_iter();
        changes.map(|change| format!("{} {}: {}", change.part, change.place, change.what)).collect()
    })
}

#[track_caller]
fn breaks(pointer: &str, value: Value, expected: &[&str]) {
    let said = format!("{pointer} = {value}");
    assert_eq!(both_ways(pointer, value)[0], expected, "{said}");
}

#[track_caller]
fn is_harmless(pointer: &str, value: Value) {
    breaks(pointer, value, &[]);
}

/// The change breaks, and to take it back breaks nobody.
#[track_caller]
fn breaks_one_way(pointer: &str, value: Value, expected: &str) {
    let said = format!("{pointer} = {value}");
    assert_eq!(both_ways(pointer, value), [vec![expected.to_owned()], vec![]], "{said}");
}

fn a_document_does_not_break_itself() {
    assert_eq!(breaking(&document(), &document()), []);
    let real = stakis_identity::http::document();
    assert_eq!(breaking(real, real), []);
}

fn an_operation_keeps_its_address_id_and_callers() {
    breaks(POST, Value::Null, &["operation : operation removed"]);
    breaks("/paths/~1things~1{id}", Value::Null, &["operation : operation removed"]);
    breaks(&format!("{POST}/operationId"), json!("renameThing"), &["operation : id changed to \"renameThing\""]);
    let security = format!("{POST}/security");
    for more in [
        json!([{ "machine": ["things:write"] }]),
        json!([{ "machine": ["things:write", "things:read"] }, { "customer": [] }]),
        json!([{ "machine": ["things:admin"] }, { "customer": [] }]),
        json!([{ "machine": ["things:write"], "customer": [] }]),
        json!([{ "other": [] }]),
    ] {
        breaks(&security, more, &["security : more is asked of the caller"]);
    }
    for less in
        [Value::Null, json!([]), json!([{}]), json!([{ "machine": [] }, { "customer": [] }, { "other": [] }])]
    {
        breaks_back(&security, less, "security : more is asked of the caller");
    }
}

/// The change breaks nobody, and to take it back breaks.
#[track_caller]
fn breaks_back(pointer: &str, value: Value, expected: &str) {
    let said = format!("{pointer} = {value}");
    assert_eq!(both_ways(pointer, value), [vec![], vec![expected.to_owned()]], "{said}");
}

fn a_request_asks_for_no_more_than_before() {
    let at = |place: &str| format!("{IN}{place}");
    breaks(&at("/properties/tags"), Value::Null, &["body #/tags: field removed"]);
    breaks_one_way(&at("/required/-"), json!("tags"), "body #/tags: field made required");
    breaks_one_way(&at("/required/-"), json!("color"), "body #/color: required field added");
    breaks_one_way(&at("/properties/name/minLength"), json!(2), "body #/name: minLength changed from 1 to 2");
    breaks_one_way(&at("/properties/name/maxLength"), json!(39), "body #/name: maxLength changed from 40 to 39");
    breaks_back(&at("/properties/name/maxLength"), Value::Null, "body #/name: maxLength changed from null to 40");
    breaks_one_way(
        &at("/properties/name/pattern"),
        json!("^a"),
        "body #/name: pattern changed from null to \"^a\"",
    );
    breaks_one_way(
        &at("/properties/name/format"),
        json!("email"),
        "body #/name: format changed from null to \"email\"",
    );
    breaks_one_way(&at("/properties/tags/uniqueItems"), json!(true), "body #/tags: uniqueItems changed");
    breaks_one_way(
        &at("/properties/tags/items/enum"),
        json!(["a"]),
        "body #/tags/*: only some values are accepted",
    );
    breaks(
        &at("/properties/tags/items/type"),
        json!("integer"),
        &["body #/tags/*: type changed from string to integer"],
    );
    breaks_one_way(
        &at("/properties/size/type"),
        json!("number"),
        "body #/size: type changed from null or number to number",
    );
    breaks_one_way(
        &at("/properties/size/type"),
        json!(["integer", "null"]),
        "body #/size: type changed from null or number to integer or null",
    );
    breaks_back(
        &at("/properties/size/type"),
        Value::Null,
        "body #/size: type changed from anything to null or number",
    );
    breaks_back(&at("/additionalProperties"), Value::Null, "body #: fields without a description are refused");
    // The same values are in the answer, where an open enumeration promises nothing.
    breaks("/components/schemas/Kind/enum", json!(["round"]), &["body #/kind: value \"square\" removed"]);
    is_harmless("/components/schemas/Kind/enum/-", json!("oval"));
    let body = format!("{POST}/requestBody");
    breaks_one_way(&format!("{body}/required"), json!(true), "body : body made required");
    breaks(&body, Value::Null, &["body : body removed"]);
    breaks(&format!("{body}/content"), json!({ "text/plain": {} }), &["body application/json: media type removed"]);
}

fn a_parameter_asks_for_no_more_than_before() {
    let at = |place: &str| format!("{POST}/parameters/{place}");
    breaks(&at("1"), Value::Null, &["query limit : parameter removed"]);
    breaks(&at("1/name"), json!("count"), &["query limit : parameter removed"]);
    breaks_one_way(&at("1/required"), json!(true), "query limit : parameter made required");
    breaks_one_way(&at("1/schema/maximum"), json!(50), "query limit #: maximum changed from 100 to 50");
    breaks_one_way(&at("1/schema/minimum"), json!(2), "query limit #: minimum changed from 1 to 2");
    breaks(&at("1/schema/type"), json!("string"), &["query limit #: type changed from integer to string"]);
    breaks(&at("0/schema/type"), json!("integer"), &["path 1 #: type changed from string to integer"]);
    breaks(&at("2"), Value::Null, &["header if-match : parameter removed"]);
    is_harmless(&at("2/name"), json!("if-match"));
    let added = |required: bool| json!({ "name": "after", "in": "query", "required": required, "schema": {} });
    breaks(&at("-"), added(true), &["query after : required parameter added"]);
    is_harmless(&at("-"), added(false));
}

fn an_answer_promises_no_less_than_before() {
    breaks(&format!("{POST}/responses/404"), Value::Null, &["404 : status removed"]);
    breaks(&format!("{POST}/responses/200/headers/ETag"), Value::Null, &["200 header ETag: header removed"]);
    breaks(
        &format!("{POST}/responses/200/headers/ETag/schema/type"),
        json!("integer"),
        &["200 header ETag #: type changed from string to integer"],
    );
    breaks(
        "/components/responses/NotFound/content",
        json!({ "application/json": {} }),
        &["404 application/problem+json: media type removed"],
    );
    // A part has the fields of a whole: the first look at it is enough.
    let at = |place: &str| format!("{BASE}{place}");
    let owner = "200 #/owner: 1 alternative(s) of the answer added or widened";
    breaks(&at("/properties/note"), Value::Null, &["200 #/note: field removed", owner]);
    breaks(&at("/required"), json!(["id"]), &["200 #/at: field is not always there any more", owner]);
    breaks(&at("/properties/id/type"), json!("integer"), &["200 #/id: type changed from string to integer", owner]);
    breaks(
        &at("/properties/id/type"),
        json!(["string", "null"]),
        &["200 #/id: type changed from string to null or string", owner],
    );
    breaks(&at("/properties/id/type"), Value::Null, &["200 #/id: type changed from string to anything", owner]);
    breaks(
        &at("/properties/at/format"),
        json!("date"),
        &["200 #/at: format changed from \"date-time\" to \"date\"", owner],
    );
    let at = |place: &str| format!("{OUT}/properties{place}");
    breaks(&at("/parts"), Value::Null, &["200 #/parts: field removed"]);
    breaks(
        &at("/parts/items"),
        json!({ "type": "string" }),
        &[
            "200 #/parts/*: type changed from object to string",
            "200 #/parts/*/at: field removed",
            "200 #/parts/*/counts: field removed",
            "200 #/parts/*/id: field removed",
            "200 #/parts/*/kind: field removed",
            "200 #/parts/*/note: field removed",
            "200 #/parts/*/owner: field removed",
            "200 #/parts/*/parts: field removed",
        ],
    );
    breaks(
        &at("/counts/additionalProperties/type"),
        json!("string"),
        &["200 #/counts/*: type changed from integer to string"],
    );
    breaks(&at("/counts/additionalProperties"), Value::Null, &["200 #/counts/*: schema of the values removed"]);
}

fn alternatives_are_compared_with_each_other() {
    let owner = format!("{OUT}/properties/owner");
    let widened = "200 #/owner: 1 alternative(s) of the answer added or widened";
    breaks_one_way(&format!("{owner}/oneOf/-"), json!({ "type": "string" }), widened);
    is_harmless(&owner, json!({ "anyOf": [{ "$ref": "#/components/schemas/Base" }, { "type": "null" }] }));
    breaks_back(&owner, json!({ "$ref": "#/components/schemas/Base" }), widened);
    let size = format!("{IN}/properties/size");
    is_harmless(&size, json!({ "oneOf": [{ "type": "null" }, { "type": "number" }, { "type": "string" }] }));
    let narrowed = "body #/tags: 1 alternative(s) of the request removed or narrowed";
    breaks_back(
        &format!("{IN}/properties/tags"),
        json!({ "anyOf": [{ "type": "array", "items": { "type": "string" } }, { "type": "string" }] }),
        narrowed,
    );
}

fn what_is_added_breaks_nobody() {
    is_harmless("/paths/~1others", json!({ "get": { "operationId": "listOthers", "responses": {} } }));
    is_harmless("/paths/~1things~1{id}/delete", json!({ "operationId": "deleteThing", "responses": {} }));
    is_harmless(&format!("{POST}/responses/409"), json!({ "description": "A conflict" }));
    is_harmless(&format!("{IN}/properties/color"), json!({ "type": "string" }));
    is_harmless(&format!("{BASE}/properties/color"), json!({ "type": "string" }));
    is_harmless(&format!("{BASE}/required/-"), json!("note"));
    is_harmless(&format!("{BASE}/properties/note/type"), json!("string"));
    is_harmless(&format!("{POST}/description"), json!("Changes a thing."));
    // The name of a parameter in a path is nothing that clients send.
    let mut renamed = document();
    let item = renamed["paths"].as_object_mut().unwrap().remove("/things/{id}").unwrap();
    renamed["paths"]["/things/{thing}"] = item;
    renamed["paths"]["/things/{thing}"]["post"]["parameters"][0]["name"] = json!("thing");
    assert_eq!(breaking(&document(), &renamed), []);
}
