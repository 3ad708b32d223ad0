//! `/.well-known/security.txt` tells finders of a hole whom to write to (RFC 9116).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;

use super::production::{problems_of, safe_settings};
use crate::support::{Engine, PUBLIC_URL, TestApp, engine_tests, plain_tests, send};

engine_tests![
    op_07_the_file_names_the_contact_and_is_never_out_of_date,
    op_07_without_a_contact_there_is_no_file,
    op_07_the_file_has_no_canonical_address_without_https,
];

plain_tests![cf_01_a_contact_that_nobody_can_use_is_refused_by_name,];

const PATH: &str = "/.well-known/security.txt";
const CONTACT: &str = "mailto:security@example.com";

/// The fields of the file, each of which stands there once.
fn fields(file: &str) -> BTreeMap<&str, &str> {
    let fields: BTreeMap<&str, &str> = file.lines().map(|line| line.split_once(": ").unwrap()).collect();
    assert_eq!(fields.len(), file.lines().count(), "{file}");
    fields
}

async fn with_contact(engine: Engine) -> TestApp {
    TestApp::start_with(engine, |config| config.security_contact = Some(CONTACT.to_owned())).await
}

async fn op_07_the_file_names_the_contact_and_is_never_out_of_date(engine: Engine) {
    let app = with_contact(engine).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let answer = app.get(PATH).await;
        answer.assert_status(200);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert!(answer.text.ends_with('\n'), "{}", answer.text);
        let fields = fields(&answer.text);
        assert_eq!(
            fields.keys().copied().collect::<Vec<_>>(),
            ["Canonical", "Contact", "Expires", "Preferred-Languages"]
        );
        assert_eq!(fields["Contact"], CONTACT);
        assert_eq!(fields["Preferred-Languages"], "sl, de, en, hr");
        assert_eq!(fields["Canonical"], format!("{PUBLIC_URL}{PATH}"));
        let expires: DateTime<Utc> = DateTime::parse_from_rfc3339(fields["Expires"]).unwrap().into();
        let ahead = expires.naive_utc() - app.app.clock.now();
        assert!(ahead > TimeDelta::days(30) && ahead < TimeDelta::days(365), "{ahead}");
        seen.push(expires);
        app.advance(TimeDelta::days(400));
    }
    assert!(seen.is_sorted_by(|one, next| one < next), "{seen:?}");
    let head = send(app.request(Method::HEAD, PATH)).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    send(app.request(Method::POST, PATH)).await.assert_problem(405, "method-not-allowed");
}

async fn op_07_without_a_contact_there_is_no_file(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.get(PATH).await.assert_problem(404, "not-found");
}

/// RFC 9116 §2.5.2 allows a web address there by https alone.
async fn op_07_the_file_has_no_canonical_address_without_https(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.security_contact = Some(CONTACT.to_owned());
        config.public_url = Some("http://127.0.0.1:8080".parse().unwrap());
    })
    .await;
    let answer = app.get(PATH).await;
    answer.assert_status(200);
    assert_eq!(
        fields(&answer.text).keys().copied().collect::<Vec<_>>(),
        ["Contact", "Expires", "Preferred-Languages"]
    );
}

fn cf_01_a_contact_that_nobody_can_use_is_refused_by_name() {
    let mut variables = safe_settings();
    for wrong in [
        "security@example.com",
        "mailto:security",
        "http://example.com/security",
        "tel:112",
        "mailto:a@example.com\nCanonical: https://example.org",
    ] {
        variables.insert("STAKIS_SECURITY_CONTACT", wrong.to_owned());
        let problems = problems_of(&variables);
        let sentence = "STAKIS_SECURITY_CONTACT must be one URI such as mailto:security@example.com";
        assert!(problems.len() == 1 && problems[0].starts_with(sentence), "{wrong}: {problems:?}");
    }
    for right in [CONTACT, "https://example.com/security", "tel:+386-1-587-31-31"] {
        variables.insert("STAKIS_SECURITY_CONTACT", right.to_owned());
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        assert_eq!(stakis_identity::config::read(variables).unwrap().security_contact.as_deref(), Some(right));
    }
}
