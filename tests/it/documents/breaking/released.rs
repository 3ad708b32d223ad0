//! The present document compared with the one of the last release.

use serde_json::{Value, json};

use super::operations::{Breaking, breaking};
use crate::support::plain_tests;

plain_tests![
    a_breaking_change_fails_unless_the_changelog_tells_it,
    the_changelog_tells_a_change_by_operation_and_place,
    whatever_the_released_document_loses_is_noticed,
];

fn released() -> Value {
    serde_json::from_str(include_str!("../../../../openapi/released.json")).unwrap()
}

/// The entries of the section "Unreleased" that begin with `**Breaking**`, each on one line.
fn entries(changelog: &str) -> Vec<String> {
    let (_, rest) = changelog.split_once("\n## Unreleased\n").expect("the changelog has an unreleased section");
    let section = rest.split("\n## ").next().unwrap();
    let mut entries: Vec<String> = Vec::new();
    for line in section.lines() {
        match entries.last_mut() {
            Some(entry) if line.starts_with("  ") => {
                entry.push(' ');
                entry.push_str(line.trim());
            }
            _ => entries.push(line.to_owned()),
        }
    }
    entries.retain(|entry| entry.starts_with("- **Breaking** "));
    entries
}

/// Whether an entry names the operation and the place. `*` stands for every operation, and for every part.
fn tells(entry: &str, change: &Breaking) -> bool {
    let quoted: Vec<&str> = entry.split('`').skip(1).step_by(2).collect();
    let (operations, places) = match entry.split_once("` at `") {
        Some((before, _)) => quoted.split_at(before.matches('`').count().div_ceil(2)),
        None => return false,
    };
    let place = |part: &str| format!("{part} {}", change.place).trim_end().to_owned();
    let names_operation = operations.contains(&change.operation.as_str()) || operations.contains(&"*");
    names_operation && [place(&change.part), place("*")].iter().any(|place| places.contains(&place.as_str()))
}

fn a_breaking_change_fails_unless_the_changelog_tells_it() {
    let entries = entries(include_str!("../../../../CHANGELOG.md"));
    let changes = breaking(&released(), stakis_identity::http::document());
    let untold = changes.iter().filter(|change| !entries.iter().any(|entry| tells(entry, change)));
    let untold: Vec<String> = untold.map(ToString::to_string).collect();
    assert!(
        untold.is_empty(),
        "clients of the released API break. Take the change back, or tell it in CHANGELOG.md:\n{}",
        untold.join("\n")
    );
}

fn the_changelog_tells_a_change_by_operation_and_place() {
    let changelog = "# Changelog\n\n## Unreleased\n\n### Changed\n\n\
        - **Breaking** `createSession`, `refreshSession` at `201 #/device_token`, `* #/account`: they are not\n  needed.\n\
        - **Breaking** `getAccount` at\n  `operation`: it is gone.\n\
        - **Breaking** `*` at `* #/errors/*/params/*`: any value.\n\
        - `listSessions` at `200`\n\n## 0.1.0\n\n- **Breaking** `endSession` at `204`: it was so.\n";
    let entries = entries(changelog);
    assert_eq!(entries.len(), 3, "{entries:?}");
    let is_told = |operation: &str, part: &str, place: &str| {
        let [operation, part, place] = [operation, part, place].map(str::to_owned);
        let change = Breaking { operation, part, place, what: String::new() };
        entries.iter().any(|entry| tells(entry, &change))
    };
    assert!(is_told("createSession", "201", "#/device_token"));
    assert!(is_told("refreshSession", "201", "#/device_token"));
    assert!(is_told("refreshSession", "200", "#/account"));
    assert!(is_told("getAccount", "operation", ""));
    assert!(is_told("changePassword", "422", "#/errors/*/params/*"));
    assert!(!is_told("createSession", "200", "#/device_token"), "another status");
    assert!(!is_told("createSession", "201", "#/device"), "another field");
    assert!(!is_told("createChallenge", "201", "#/device_token"), "another operation");
    assert!(!is_told("201 #/device_token", "201", "#/device_token"), "a place is no operation");
    assert!(!is_told("endSession", "204", ""), "an earlier version told it");
    assert!(!is_told("listSessions", "200", ""), "not said to be breaking");
}

/// Each operation, status, parameter, field of a body and way in is taken away from the real document, one at a time.
fn whatever_the_released_document_loses_is_noticed() {
    let old = released();
    let mut tried = 0;
    let mut notice = |alone: &Value, pointer: &str, lost: &str| {
        let mut new = alone.clone();
        match new.pointer_mut(pointer).unwrap() {
            Value::Object(members) => _ = members.remove(lost).unwrap(),
            Value::Array(values) => _ = values.remove(lost.parse().unwrap()),
            _ => unreachable!(),
        }
        assert_ne!(breaking(alone, &new), [], "{pointer} {lost}");
        tried += 1;
    };
    for (path, item) in old["paths"].as_object().unwrap() {
        let at_path = format!("/paths/{}", path.replace('~', "~0").replace('/', "~1"));
        for (method, operation) in item.as_object().unwrap() {
            // A document of this operation alone is compared in a fraction of the time.
            let alone = json!({ "paths": { path: { method: operation } }, "components": old["components"] });
            let at = format!("{at_path}/{method}");
            notice(&alone, &at_path, method);
            for status in operation["responses"].as_object().unwrap().keys() {
                notice(&alone, &format!("{at}/responses"), status);
            }
            for index in 0..operation["parameters"].as_array().map_or(0, Vec::len) {
                notice(&alone, &format!("{at}/parameters"), &index.to_string());
            }
            // Without its only way in, an operation is open to everybody, which breaks nobody.
            let ways = operation["security"].as_array().map_or(0, Vec::len);
            for index in (0..ways).filter(|_| ways > 1) {
                notice(&alone, &format!("{at}/security"), &index.to_string());
            }
            let bodies = operation["responses"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(status, response)| (format!("{at}/responses/{status}"), response));
            for (at, body) in bodies.chain([(format!("{at}/requestBody"), &operation["requestBody"])]) {
                let reference = body["content"]["application/json"]["schema"]["$ref"].as_str();
                let Some(schema) = reference else { continue };
                let pointer = format!("{}/properties", &schema[1..]);
                for field in
                    old.pointer(&pointer).and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name)
                {
                    notice(&alone, &pointer, field);
                }
                notice(&alone, &format!("{at}/content"), "application/json");
            }
        }
    }
    assert!(tried > 300, "only {tried} losses were tried");
}
