//! The recommended rules of two linters accept the OpenAPI document without an error, a warning or an exception.

use std::{path::Path, process::Command};

use crate::support::{
    guides::repository, program_tests, python_program, run_program, script_tests, typescript_compiler,
};

script_tests![redocly_has_nothing_to_say,];

program_tests!["vacuum": vacuum_has_nothing_to_say,];

async fn redocly_has_nothing_to_say() {
    let compiler = typescript_compiler().unwrap();
    let program = Path::new(&compiler).ancestors().nth(3).unwrap().join("@redocly/cli/bin/cli.js");
    let mut command = Command::new("node");
    // The linter must send no telemetry and look for no updates.
    command.envs([("REDOCLY_TELEMETRY", "off"), ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")]);
    command.current_dir(repository()).arg(program).args(["lint", "--format=json"]);
    command.args(["--extends=recommended", "openapi/openapi.json"]);
    let report: serde_json::Value = serde_json::from_slice(&run_program(command, "").await).unwrap();
    assert_eq!((&report["totals"]["errors"], &report["totals"]["warnings"]), (&0.into(), &0.into()), "{report:#}");
}

async fn vacuum_has_nothing_to_say() {
    let mut command = Command::new(python_program("vacuum").unwrap());
    command.current_dir(repository()).args(["lint", "--no-banner", "--no-style", "--details", "--remote=false"]);
    // The exit status tells a failure. Hints, such as that two descriptions are alike, are not warnings.
    command.args(["--fail-severity=warn", "openapi/openapi.json"]);
    let report = String::from_utf8(run_program(command, "").await).unwrap();
    assert!(report.contains("against 44 rules"), "{report}");
}
