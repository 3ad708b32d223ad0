//! The recommended rules of three linters and the validator of a generator of clients accept the OpenAPI document without an error, a warning or an exception.

use std::{collections::BTreeSet, fs, process::Command};

use serde_json::Value;

use crate::support::{guides::repository, npm_modules, program_tests, python_program, run_program, script_tests};

script_tests![redocly_has_nothing_to_say, spectral_has_nothing_to_say,];

program_tests![
    "vacuum": vacuum_has_nothing_to_say,
    "openapi-generator-cli": openapi_generator_has_nothing_to_say,
];

/// A program of an npm package that `tests/run` has installed.
fn npm_program(path: &str) -> Command {
    let mut command = Command::new("node");
    command.current_dir(repository()).arg(npm_modules().join(path));
    command
}

async fn redocly_has_nothing_to_say() {
    let mut command = npm_program("@redocly/cli/bin/cli.js");
    // The linter must send no telemetry and look for no updates.
    command.envs([("REDOCLY_TELEMETRY", "off"), ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")]);
    command.args(["lint", "--format=json"]);
    command.args(["--extends=recommended", "openapi/openapi.json"]);
    let report: Value = serde_json::from_slice(&run_program(command, "").await).unwrap();
    assert_eq!((&report["totals"]["errors"], &report["totals"]["warnings"]), (&0.into(), &0.into()), "{report:#}");
}

async fn spectral_has_nothing_to_say() {
    let rules = tempfile::tempdir().unwrap();
    let file = rules.path().join("rules.json");
    fs::write(&file, r#"{"extends": "spectral:oas"}"#).unwrap();
    let mut command = npm_program("@stoplight/spectral-cli/dist/index.js");
    command
        .args(["lint", "--format=json", "--fail-severity=hint", "--ruleset"])
        .arg(file)
        .arg("openapi/openapi.json");
    let report = String::from_utf8(run_program(command, "").await).unwrap();
    assert!(report.starts_with("[]"), "{report}");
}

/// The schemas that a part of the document refers to, and those that these refer to.
fn collect_schemas(document: &Value, part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Object(members) => {
            let path = members.get("$ref").and_then(Value::as_str);
            if let Some(path) = path
                && (!path.starts_with("#/components/schemas/") || found.insert(path.to_owned()))
            {
                collect_schemas(document, document.pointer(&path[1..]).unwrap(), found);
            }
            members.values().for_each(|member| collect_schemas(document, member, found));
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect_schemas(document, element, found)),
        _ => {}
    }
}

/// The generator reads no `webhooks`, so it takes the schemas of events for unused ones. It has nothing else to say.
async fn openapi_generator_has_nothing_to_say() {
    let mut command = Command::new(python_program("openapi-generator-cli").unwrap());
    command.current_dir(repository()).args(["validate", "--recommend", "-i", "openapi/openapi.json"]);
    let report = String::from_utf8(run_program(command, "").await).unwrap();
    let said: BTreeSet<String> =
        report.lines().filter_map(|line| line.trim().strip_prefix("- ")).map(str::to_owned).collect();
    let document: Value = serde_json::from_str(include_str!("../../../openapi/openapi.json")).unwrap();
    let reached = |section: &str| {
        let mut found = BTreeSet::new();
        collect_schemas(&document, &document[section], &mut found);
        found
    };
    let unused = &reached("webhooks") - &reached("paths");
    let expected = unused.iter().map(|path| path.replace("#/components/schemas/", "Unused model: "));
    assert_eq!(said, expected.collect(), "{report}");
    assert!(
        unused.len() > 30 && report.contains(&format!("Spec has {} recommendation(s).", unused.len())),
        "{report}"
    );
}

async fn vacuum_has_nothing_to_say() {
    let mut command = Command::new(python_program("vacuum").unwrap());
    command.current_dir(repository()).args(["lint", "--no-banner", "--no-style", "--details", "--remote=false"]);
    // The exit status tells a failure. Hints, such as that two descriptions are alike, are not warnings.
    command.args(["--fail-severity=warn", "openapi/openapi.json"]);
    let report = String::from_utf8(run_program(command, "").await).unwrap();
    assert!(report.contains("against 44 rules"), "{report}");
}
