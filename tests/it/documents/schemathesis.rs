//! The answers to any request are as the OpenAPI document describes them. The tool schemathesis (PyPI) tests the
//! running service with all its checks and in all its phases: the document's examples, each constraint and its
//! opposite, generated requests, and sequences of operations in which one uses the answer of another.
//! `tests/schemathesis.toml` holds its settings, with the reason of each exception.

use std::process::Command;

use chrono::TimeDelta;
use data_encoding::BASE64;
use stakis_identity::config::LimitsConfig;

use crate::support::{
    Customer, Engine, TestApp, engine_tests, guides::repository, partner::Partner, python_program, run_program,
};

engine_tests![with "schemathesis":
    ap_01_whatever_is_sent_the_answers_are_as_documented,
    ap_01_whatever_administrators_send_the_answers_are_as_documented,
];

/// The customer of the document's examples.
const EXAMPLE: Customer = Customer { number: "004217", email: "delavnica@example.si", password: "Zimske-gume-27" };

/// The operations of administration. They close and erase the very accounts that customers use, so they have a service of
/// their own.
const ADMINISTRATION: &str = "^/v1/(accounts|audit-events|events|support/caller-codes|webhook-endpoints)";

async fn ap_01_whatever_is_sent_the_answers_are_as_documented(engine: Engine) {
    test(engine, &format!("--exclude-path-regex={ADMINISTRATION}")).await;
}

async fn ap_01_whatever_administrators_send_the_answers_are_as_documented(engine: Engine) {
    test(engine, &format!("--include-path-regex={ADMINISTRATION}")).await;
}

async fn test(engine: Engine, operations: &str) {
    let app = TestApp::start_with(engine, |config| {
        config.limits = LimitsConfig { enforced: false, ..LimitsConfig::default() };
    })
    .await;
    app.make(&EXAMPLE).await;
    app.make(&Customer::BOJAN).await;
    let partner = Partner::with_every_scope(&app).await;
    let machine = partner.token(&app).await;
    let other = app.access_token(&Customer::BOJAN, Customer::BOJAN.password).await;

    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(python_program("schemathesis").unwrap());
    command.current_dir(folder.path()).arg("--config-file").arg(repository().join("tests/schemathesis.toml"));
    command.args(["run", "--phases=examples,coverage,fuzzing,stateful", "--warnings=off", operations]);
    command.arg(app.url.join("/openapi.json").unwrap().as_str());
    command.envs([
        ("CLIENT_ID", partner.id.as_str()),
        ("CLIENT_SECRET", &partner.secret),
        ("MACHINE_TOKEN", &machine),
        ("OTHER_TOKEN", &other),
        ("MAIL_API", &BASE64.encode(b"mailpit:a-long-password-of-ours")),
        ("NO_PROXY", "127.0.0.1"),
        ("no_proxy", "127.0.0.1"),
    ]);
    let report = String::from_utf8(run_program(command, "").await).unwrap();
    assert!(report.contains("Stateful"), "{report}");
    // What a machine client has asked for begins after a random delay, and a link to an address that was just changed
    // a day later.
    app.advance(TimeDelta::hours(25));
    app.deliver_all().await;
}
