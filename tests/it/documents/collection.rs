//! The collection holds every operation of the OpenAPI document, and its requests are taken by the service.

use std::{collections::BTreeSet, fs};

use reqwest::Method;
use serde_json::Value;
use stakis_identity::http;
use tempfile::TempDir;
use url::form_urlencoded::Serializer;

use crate::support::{
    TestApp, database_tests, guides::repository, node, npm_modules, plain_tests, script_tests, send,
};

script_tests![the_committed_collection_is_the_generated_one,];

plain_tests![
    the_collection_has_every_operation_and_no_other,
    the_collection_asks_for_credentials_where_the_document_does,
];

database_tests![the_collections_requests_are_taken, the_collection_is_served_as_it_is_committed,];

const FILE: &str = "openapi/stakis-identity.postman_collection.json";

/// A request of the collection.
struct Request {
    method: String,
    /// The path as the document has it.
    path: String,
    /// The path with the values of its variables.
    filled: String,
    described: Value,
}

fn committed() -> String {
    fs::read_to_string(repository().join(FILE)).unwrap()
}

/// All requests, whatever the depth of their folders.
fn requests() -> Vec<Request> {
    let collection: Value = serde_json::from_str(&committed()).unwrap();
    let mut waiting = vec![collection];
    let mut requests = Vec::new();
    while let Some(item) = waiting.pop() {
        waiting.extend(item["item"].as_array().into_iter().flatten().cloned());
        if item["request"].is_object() {
            requests.push(request(&item["request"]));
        }
    }
    requests
}

fn request(described: &Value) -> Request {
    let (mut path, mut filled) = (String::new(), String::new());
    assert_eq!(described["url"]["host"], serde_json::json!(["{{baseUrl}}"]));
    for part in described["url"]["path"].as_array().unwrap() {
        let part = part.as_str().unwrap();
        let name = part.strip_prefix(':');
        let variable = name.map(|name| {
            let variables = described["url"]["variable"].as_array().unwrap();
            variables.iter().find(|variable| variable["key"] == name).unwrap()["value"].as_str().unwrap()
        });
        path.extend(["/", &name.map_or_else(|| part.to_owned(), |name| format!("{{{name}}}"))]);
        filled.extend(["/", variable.unwrap_or(part)]);
    }
    let method = described["method"].as_str().unwrap().to_owned();
    Request { method, path, filled, described: described.clone() }
}

/// The operation of the document that a request calls.
fn operation(request: &Request) -> &'static Value {
    &http::document()["paths"][&request.path][request.method.to_lowercase()]
}

async fn the_committed_collection_is_the_generated_one() {
    let folder = TempDir::new().unwrap();
    let made = folder.path().join("collection.json");
    let modules = npm_modules();
    let arguments =
        ["tests/postman.mjs", modules.to_str().unwrap(), "openapi/openapi.json", made.to_str().unwrap()];
    node(repository(), &arguments).await;
    assert!(fs::read_to_string(made).unwrap() == committed(), "run: tests/generate");
}

fn the_collection_has_every_operation_and_no_other() {
    let paths = http::document()["paths"].as_object().unwrap();
    let operations: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let requests = requests();
    let collected: BTreeSet<String> = requests.iter().map(|one| format!("{} {}", one.method, one.path)).collect();
    assert_eq!(collected, operations);
    assert_eq!(requests.len(), operations.len(), "an operation is there twice");
}

fn the_collection_asks_for_credentials_where_the_document_does() {
    for request in requests() {
        let name = format!("{} {}", request.method, request.path);
        let ways = operation(&request)["security"].as_array().cloned().unwrap_or_default();
        let auth = &request.described["auth"];
        assert_eq!(auth.is_object(), ways.iter().any(|way| way != &serde_json::json!({})), "{name}: {auth}");
        let scopes: Vec<&str> = ways
            .iter()
            .flat_map(|way| way["machine"].as_array().into_iter().flatten())
            .filter_map(Value::as_str)
            .collect();
        if auth["type"] == "oauth2" {
            let value = |key: &str| {
                auth["oauth2"].as_array().unwrap().iter().find(|one| one["key"] == key).unwrap()["value"].clone()
            };
            assert_eq!(value("scope"), scopes.join(" "), "{name}");
            assert_eq!(value("accessTokenUrl"), "{{baseUrl}}/oauth2/token", "{name}");
        }
    }
}

/// Without credentials those who need them are refused. None is malformed, and each answer is documented.
async fn the_collections_requests_are_taken(app: &TestApp) {
    for one in requests() {
        let name = format!("{} {}", one.method, one.path);
        let is_on = |part: &&Value| part["disabled"] != true;
        let text = |part: &Value, key: &str| part[key].as_str().unwrap().to_owned();
        let pairs = |list: &Value| -> Vec<(String, String)> {
            let list = list.as_array().into_iter().flatten().filter(is_on);
            list.map(|part| (text(part, "key"), text(part, "value"))).collect()
        };
        let encoded = |list: &Value| Serializer::new(String::new()).extend_pairs(pairs(list)).finish();
        let path = format!("{}?{}", one.filled, encoded(&one.described["url"]["query"]));
        let method = Method::from_bytes(one.method.as_bytes()).unwrap();
        let mut request = app.request(method, path.trim_end_matches('?'));
        for (header, value) in pairs(&one.described["header"]) {
            request = request.header(header, value);
        }
        let body = &one.described["body"];
        request = match body["mode"].as_str() {
            Some("raw") => request.body(text(body, "raw")),
            Some("urlencoded") => request.body(encoded(&body["urlencoded"])),
            None => request,
            Some(other) => panic!("{name}: a body of the kind {other}"),
        };
        let answer = send(request).await;
        let documented = &operation(&one)["responses"];
        assert!(documented.get(answer.status.to_string()).is_some(), "{name}: {} {}", answer.status, answer.text);
        assert!(![400, 405, 406, 415].contains(&answer.status), "{name}: {} {}", answer.status, answer.text);
        let needs_credentials = one.described["auth"].is_object();
        assert!(!needs_credentials || answer.status == 401, "{name}: {} without credentials", answer.status);
    }
    app.deliver_all().await;
}

async fn the_collection_is_served_as_it_is_committed(app: &TestApp) {
    let answer = app.get("/docs/stakis-identity.postman_collection.json").await;
    answer.assert_status(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let name = "attachment; filename=\"stakis-identity.postman_collection.json\"";
    assert_eq!(answer.header("content-disposition"), name);
    assert_eq!(answer.text, committed());
}
