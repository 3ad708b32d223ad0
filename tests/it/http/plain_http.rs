//! Calls over plain HTTP. A redirect to https would hide from a program that it has sent its secrets in the clear (AP-11).

use reqwest::Method;
use serde_json::json;
use stakis_identity::config::Config;

use crate::support::{Answer, Engine, TestApp, engine_tests, send};

engine_tests![ap_11_no_call_is_redirected_to_https];

/// The one address that is for browsers, and leads to the page on which a password is changed (CH-12).
const FOR_BROWSERS: &str = "/.well-known/change-password";

fn assert_no_redirect(answer: &Answer, call: &str) {
    assert!(!(300..400).contains(&answer.status), "{call}: {answer}");
    assert_eq!(answer.header("location"), "", "{call}");
}

async fn ap_11_no_call_is_redirected_to_https(engine: Engine) {
    let app = TestApp::start_with(engine, |config: &mut Config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    assert_eq!(app.config.public_url.as_ref().unwrap().scheme(), "https");
    let document = stakis_identity::http::document();
    let mut calls = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys().filter(|_| path != FOR_BROWSERS) {
            let method: Method = method.to_uppercase().parse().unwrap();
            let path = path.replace(['{', '}'], "");
            // As a proxy passes a call on that came over plain HTTP.
            let call = || app.request(method.clone(), &path).header("x-forwarded-proto", "http");
            assert_no_redirect(&send(call()).await, &format!("{method} {path}"));
            let with_body = send(call().bearer_auth("none").json(&json!({})).header("host", "identity.test")).await;
            assert_no_redirect(&with_body, &format!("{method} {path} with a body"));
            calls += 1;
        }
    }
    assert!(calls > 40, "only {calls} operations were called");
    app.may_leave_jobs();
}
