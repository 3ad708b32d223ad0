//! The OpenAPI document is committed, complete and true.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::{Engine, TestApp, database_tests, engine_tests, plain_tests, run_command};

fn document() -> Value {
    stakis_identity::http::document().clone()
}

/// The response itself, or the component that it refers to.
fn resolved<'a>(document: &'a Value, response: &'a Value) -> &'a Value {
    response["$ref"].as_str().map_or(response, |path| document.pointer(path.trim_start_matches('#')).unwrap())
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (path.clone(), method.clone(), operation.clone()))
        })
        .collect()
}

/// A description has at least four words, because one or two words repeat a name and explain nothing.
fn assert_is_a_sentence(description: &Value, name: &str) {
    let words = description.as_str().unwrap_or_default().split_whitespace().count();
    assert!(words >= 4, "{name} is described as {description}");
}

plain_tests![
    the_committed_document_is_the_generated_one,
    every_operation_is_described_with_an_id_of_its_own,
    every_field_is_described_with_an_example,
    every_closed_vocabulary_is_an_open_enum,
    pw_08_no_field_asks_for_a_hint_or_a_secret_question,
    dp_03_no_address_names_a_customer,
];

fn the_committed_document_is_the_generated_one() {
    let output = run_command(&["openapi"], &BTreeMap::new(), "");
    assert!(output.status.success());
    let generated = String::from_utf8(output.stdout).unwrap();
    let committed = include_str!("../../../openapi/openapi.json");
    assert!(generated == committed, "run: tests/generate");
}

/// A path holds opaque ids alone, and a query neither a number, an address of mail nor a token.
fn dp_03_no_address_names_a_customer() {
    let document = document();
    let mut in_paths = BTreeSet::new();
    let mut in_queries = BTreeSet::new();
    for (path, _, operation) in operations(&document) {
        in_paths
            .extend(path.split('/').filter_map(|part| Some(part.strip_prefix('{')?.strip_suffix('}')?.to_owned())));
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" {
                in_queries.insert(parameter["name"].as_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(in_paths, BTreeSet::from(["delivery_id", "id", "provider", "slug"].map(str::to_owned)));
    for name in &in_queries {
        assert!(["number", "mail", "token", "code"].iter().all(|word| !name.contains(word)), "{name}");
    }
    assert!(in_queries.len() > 4, "only {in_queries:?} were seen");
}

fn every_operation_is_described_with_an_id_of_its_own() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name}: id used twice");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{name}: no summary");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{name}");
        assert!(operation["description"].as_str().is_some_and(|text| text.len() > 40), "{name}: no description");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert_is_a_sentence(&parameter["description"], &format!("{name} {}", parameter["name"]));
        }
        if operation["requestBody"].is_object() {
            assert_is_a_sentence(&operation["requestBody"]["description"], &name);
        }
        let answers = operation["responses"].as_object().unwrap().values().map(|one| resolved(&document, one));
        for body in answers.chain([&operation["requestBody"]]) {
            for (media_type, content) in body["content"].as_object().into_iter().flatten() {
                let has_example = content["example"] != Value::Null || content["examples"] != Value::Null;
                assert!(has_example, "{name}: {media_type} without example");
            }
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolved(&document, response);
            for (header, described) in response["headers"].as_object().into_iter().flatten() {
                assert_is_a_sentence(&described["description"], &format!("{name} {status} {header}"));
            }
            assert_is_a_sentence(&response["description"], &format!("{name} {status}"));
            let media_types: Vec<&str> =
                response["content"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            if status.starts_with(['4', '5']) && path.starts_with("/oauth2/") {
                assert_eq!(media_types, ["application/json"], "{name} {status}");
                let example = &response["content"]["application/json"]["example"];
                let code = example["error"].as_str().unwrap();
                assert!(response["description"].as_str().unwrap().contains(code), "{name} {status}");
            } else if status == "431" {
                assert!(media_types.is_empty(), "{name}: below the service there are no problems");
            } else if status.starts_with(['4', '5']) || status == "default" {
                assert_eq!(media_types, ["application/problem+json"], "{name} {status}");
                let content = &response["content"]["application/problem+json"];
                let several = content["examples"].as_object().into_iter().flatten().map(|(_, one)| &one["value"]);
                let examples: Vec<&Value> =
                    several.chain(Some(&content["example"]).filter(|one| one.is_object())).collect();
                assert!(!examples.is_empty(), "{name} {status}");
                for example in examples {
                    assert!(
                        [&example["status"].to_string(), "default"].contains(&status.as_str()),
                        "{name} {status}"
                    );
                    let described = response["description"].as_str().unwrap();
                    assert!(described.contains(example["code"].as_str().unwrap()), "{name} {status}");
                }
            }
        }
    }
}

/// The properties of a schema, those of its `allOf` parts included.
fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let parts = schema["allOf"].as_array().into_iter().flatten();
    parts.chain([schema]).filter_map(|part| part["properties"].as_object()).flatten()
}

fn pw_08_no_field_asks_for_a_hint_or_a_secret_question() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let fields = schemas.values().flat_map(properties).map(|(name, _)| name);
    // RFC 7009 and RFC 7662 name a parameter so, which is no hint at a password.
    let fields: Vec<&String> = fields.filter(|name| *name != "token_type_hint").collect();
    assert!(fields.len() > 30, "the fields are read: {fields:?}");
    for word in ["hint", "question", "answer", "reminder"] {
        assert!(!fields.iter().any(|field| field.contains(word)), "{word}");
    }
    // A request refuses undocumented fields, so the documented ones are all that there are.
    for (name, schema) in schemas {
        let is_request =
            ["Create", "Complete", "Presented", "Refresh", "Change"].iter().any(|start| name.starts_with(start));
        if is_request && !schema["enum"].is_array() {
            assert_eq!(schema["additionalProperties"], false, "{name}");
        }
    }
}

/// Partners read the values from the document, and learn from it that a later version may add some.
fn every_closed_vocabulary_is_an_open_enum() {
    let document = document();
    for (schema, field) in [
        ("Problem", "code"),
        ("Problem", "reason"),
        ("FieldProblem", "code"),
        ("PolicyRule", "code"),
        ("Finding", "code"),
        ("Finding", "severity"),
        ("TimelineEntry", "event"),
        ("PasswordState", "change_recommended_reasons"),
    ] {
        let schema_of_field = properties(&document["components"]["schemas"][schema])
            .find(|(name, _)| *name == field)
            .map(|(_, property)| if property["items"].is_object() { &property["items"] } else { property })
            .unwrap();
        let reference = [&schema_of_field["$ref"], &schema_of_field["allOf"][0]["$ref"]];
        let path = reference.into_iter().find_map(Value::as_str).unwrap_or_else(|| panic!("{schema}.{field}"));
        let vocabulary = document.pointer(path.trim_start_matches('#')).unwrap();
        let values = vocabulary["enum"].as_array().unwrap();
        assert!(values.len() >= 3, "{schema}.{field}: {values:?}");
        let description = vocabulary["description"].as_str().unwrap();
        for value in values {
            let documented = format!("- `{}`: ", value.as_str().unwrap());
            assert!(description.contains(&documented), "{schema}.{field}: {documented}");
        }
        assert!(description.contains("must tolerate values it does not know"), "{schema}.{field}");
    }
}

fn every_field_is_described_with_an_example() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert_is_a_sentence(&schema["description"], name);
        for (field, property) in properties(schema) {
            let is_object =
                property["$ref"].is_string() || property["items"].is_object() || property["oneOf"].is_array();
            let has_example = property["example"] != Value::Null || property["examples"] != Value::Null;
            let inside =
                property["oneOf"].as_array().into_iter().flatten().find(|one| one["description"].is_string());
            let description = inside.map_or(&property["description"], |one| &one["description"]);
            if !property["$ref"].is_string() {
                assert_is_a_sentence(description, &format!("{name}.{field}"));
            }
            assert!(is_object || has_example, "{name}.{field} has no example");
        }
    }
}

database_tests![every_documented_operation_exists_and_no_other_method, the_document_and_swagger_ui_are_served,];

/// The routes and the document come from one table, so neither of them can lack an operation.
async fn every_documented_operation_exists_and_no_other_method(app: &TestApp) {
    let document = document();
    let address = |path: &str| path.replace("{slug}", "not-found").replace("{provider}", "mailpit");
    for (path, method, operation) in operations(&document) {
        let request = app
            .request(method.to_uppercase().parse().unwrap(), &address(&path))
            .header("content-type", "application/json")
            .body("{}");
        let answer = crate::support::send(request).await;
        assert!(![404, 405].contains(&answer.status), "{method} {path}");
        let status = answer.status.to_string();
        assert!(
            operation["responses"].get(&status).is_some(),
            "{method} {path} answers {status}, which is not documented"
        );
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys().map(|method| method.to_uppercase());
        let expected: BTreeSet<String> = methods
            .flat_map(|method| if method == "GET" { vec![method, "HEAD".into()] } else { vec![method] })
            .collect();
        let answer = crate::support::send(app.request(reqwest::Method::PUT, &address(path))).await;
        let allowed: BTreeSet<String> = answer.header("allow").split(", ").map(str::to_owned).collect();
        assert_eq!((answer.status, allowed), (405, expected), "{path}");
    }
}

async fn the_document_and_swagger_ui_are_served(app: &TestApp) {
    assert_eq!(app.get("/openapi.json").await.json(), document());
    let redirect = app.get("/docs").await;
    redirect.assert_status(302);
    assert_eq!(redirect.header("location"), "/docs/");
    let page = app.get("/docs/").await;
    assert_eq!(page.header("content-type"), "text/html");
    assert!(page.text.contains("swagger-ui"));
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        app.get(&format!("/docs/{file}")).await.assert_status_with(200, format_args!("{file}"));
    }
    app.get("/docs/nothing").await.assert_problem(404, "not-found");
}

engine_tests![ap_15_the_documentation_can_be_switched_off,];

async fn ap_15_the_documentation_can_be_switched_off(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.docs = false).await;
    for path in ["/openapi.json", "/docs", "/docs/"] {
        app.get(path).await.assert_problem(404, "not-found");
    }
}
