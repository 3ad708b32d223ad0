//! The examples of `docs/deploy` are true: they fit what reads them, and name only settings that there are.

use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

use stakis_identity::config::describe_settings;

use crate::support::{guides::repository, plain_tests, program_tests, python_program, run_program};

plain_tests![cf_07_the_examples_of_a_deployment_name_settings_that_there_are];
program_tests![
    "kubernetes-validate": cf_07_the_example_for_kubernetes_fits_its_schemas,
    "systemd-analyze": cf_07_the_unit_of_systemd_is_confined,
];

/// How much of a service systemd calls exposed, in tenths: from 0, nothing, to 100, everything.
const MOST_EXPOSED: &str = "15";

fn example(name: &str) -> PathBuf {
    repository().join("docs/deploy").join(name)
}

fn cf_07_the_examples_of_a_deployment_name_settings_that_there_are() {
    let known: BTreeSet<&str> = describe_settings().map(|setting| setting.name).collect();
    for (file, least) in [("stakis-identity.service", 5), ("kubernetes.yaml", 8)] {
        let text = fs::read_to_string(example(file)).unwrap();
        let names: BTreeSet<&str> = text
            .split(|character: char| !(character.is_ascii_uppercase() || character == '_'))
            .filter(|word| word.starts_with("STAKIS_"))
            .map(|word| word.strip_suffix("_FILE").unwrap_or(word))
            .collect();
        assert!(names.len() >= least, "{file} names {names:?}");
        for name in names {
            assert!(known.contains(name), "{file} names {name}");
        }
    }
}

async fn cf_07_the_example_for_kubernetes_fits_its_schemas() {
    let validate = |path: PathBuf| {
        let mut command = Command::new(python_program("kubernetes-validate").unwrap());
        command.arg("--strict").arg(path);
        command
    };
    let report = run_program(validate(example("kubernetes.yaml")), "").await;
    let report = String::from_utf8(report).unwrap();
    assert_eq!(report.matches("passed for resource").count(), 8, "{report}");

    // The check can fail: a number that is none is found.
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.yaml");
    let text = fs::read_to_string(example("kubernetes.yaml")).unwrap();
    fs::write(&wrong, text.replace("replicas: 2", "replicas: two")).unwrap();
    assert!(!validate(wrong).output().unwrap().status.success());
}

async fn cf_07_the_unit_of_systemd_is_confined() {
    let rate = |threshold: &str| {
        let mut command = Command::new("systemd-analyze");
        command.args(["security", "--offline=true", "--no-pager", &format!("--threshold={threshold}")]);
        command.arg(example("stakis-identity.service"));
        command
    };
    run_program(rate(MOST_EXPOSED), "").await;
    assert!(!rate("1").output().unwrap().status.success());
    // The unit says nothing that systemd does not know. The program is not installed here.
    let output =
        Command::new("systemd-analyze").arg("verify").arg(example("stakis-identity.service")).output().unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    let others: Vec<&str> = complaints.lines().filter(|line| !line.contains("is not executable")).collect();
    assert!(others.is_empty(), "{others:?}");
}
