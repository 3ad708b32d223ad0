//! The OpenAPI document describes every event.

use std::collections::BTreeSet;

use serde_json::Value;
use stakis_identity::{http, types::EventType};

use crate::support::plain_tests;

plain_tests![
    wh_06_the_document_describes_each_event_with_schema_and_example,
    the_operations_of_webhooks_have_ids_of_their_own,
    the_types_of_events_are_an_open_enumeration,
];

fn at<'d>(document: &'d Value, reference: &Value) -> &'d Value {
    let path = reference.as_str().unwrap_or_else(|| panic!("no reference: {reference}"));
    document.pointer(path.trim_start_matches('#')).unwrap_or_else(|| panic!("{path} is missing"))
}

fn wh_06_the_document_describes_each_event_with_schema_and_example() {
    let document = http::document();
    let hooks = document["webhooks"].as_object().unwrap();
    let described: BTreeSet<&str> = hooks.keys().map(String::as_str).collect();
    assert_eq!(described, EventType::ALL.iter().map(|one| one.as_str()).collect());
    for (name, hook) in hooks {
        let call = &hook["post"];
        let description = call["description"].as_str().unwrap();
        assert!(description.len() > 100 && description.contains(name.as_str()), "{name}: {description}");
        assert!(call["summary"].as_str().is_some_and(|summary| summary.len() > 10), "{name}");
        let headers: Vec<&str> =
            call["parameters"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(headers, ["webhook-id", "webhook-timestamp", "webhook-signature"], "{name}");
        let content = &call["requestBody"]["content"]["application/json"];
        let example = &content["example"];
        assert_eq!(example["type"], name.as_str(), "{example}");
        for member in ["id", "timestamp"] {
            assert!(example[member].is_string(), "{name}: {example}");
        }
        let event = at(document, &content["schema"]["$ref"]);
        let own = &event["allOf"][1];
        assert_eq!(own["properties"]["type"]["enum"], serde_json::json!([name]), "{name}");
        let data = at(document, &own["properties"]["data"]["$ref"]);
        let shown: BTreeSet<&String> = example["data"].as_object().unwrap().keys().collect();
        let members: BTreeSet<&String> = data["properties"].as_object().unwrap().keys().collect();
        assert_eq!(shown, members, "{name}: the example has every member");
        assert!(data["properties"]["version"].is_object(), "{name}");
        // Ids and reasons alone: nothing by which a person is found elsewhere.
        for member in members {
            assert!(!["email", "customer_number", "name", "source", "token"].contains(&member.as_str()), "{name}");
        }
    }
}

fn the_operations_of_webhooks_have_ids_of_their_own() {
    let document = http::document();
    let mut ids = BTreeSet::new();
    for section in ["paths", "webhooks"] {
        for item in document[section].as_object().unwrap().values() {
            for operation in item.as_object().unwrap().values() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id), "{id}");
            }
        }
    }
    assert!(ids.contains("onAccountClosed") && ids.contains("listEvents"), "{ids:?}");
}

fn the_types_of_events_are_an_open_enumeration() {
    let document = http::document();
    let listed = document["components"]["schemas"]["EventType"]["enum"].as_array().unwrap();
    assert_eq!(listed.len(), EventType::ALL.len());
    for (schema, field) in
        [("SessionEndedData", "reason"), ("PasswordExpiredData", "reason"), ("MailBouncedData", "cause")]
    {
        let property = &document["components"]["schemas"][schema]["properties"][field];
        let reference =
            if property["$ref"].is_string() { &property["$ref"] } else { &property["allOf"][0]["$ref"] };
        let vocabulary = at(document, reference);
        assert!(vocabulary["enum"].as_array().unwrap().len() >= 3, "{schema}.{field}");
        let description = vocabulary["description"].as_str().unwrap();
        assert!(description.contains("must tolerate values it does not know"), "{schema}.{field}: {description}");
    }
}
