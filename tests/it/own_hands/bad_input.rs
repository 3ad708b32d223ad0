//! What is no address, no link and no body.

use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;

use super::owner::{ask, ask_and_deliver, ask_with, confirm, on_file, sign_in, use_link};
use crate::support::{Customer, TestApp, database_tests, execute, send};

database_tests![
    ow_01_what_is_no_other_address_is_refused_and_changes_nothing,
    ow_03_what_is_no_link_is_refused_and_changes_nothing,
    ow_03_a_link_of_an_account_that_is_gone_is_unknown,
    ap_05_a_call_without_fields_takes_nothing_or_an_empty_object,
];

async fn ow_01_what_is_no_other_address_is_refused_and_changes_nothing(app: &TestApp) {
    let token = sign_in(app).await;
    for same in [Customer::ANA.email, "DELAVNICA@example.si", "delavnica@EXAMPLE.si"] {
        let refused = ask(app, &token, same).await;
        assert_eq!(refused.field_errors(), ["#/email same_as_current"], "{same}");
        assert!(refused.json()["errors"][0]["detail"].as_str().unwrap().contains("naslov"), "{refused}");
    }
    for wrong in ["", "x", "a@b@c.si", "a b@c.si", "a@c.si,b@c.si", "a@c.si\r\nBcc: b@c.si", &"a".repeat(400)] {
        assert_eq!(ask(app, &token, wrong).await.field_errors(), ["#/email invalid_format"], "{wrong}");
    }
    let password = Customer::ANA.password;
    for (body, errors) in [
        (json!({}), vec!["#/email required", "#/current_password required"]),
        (json!({ "email": "nova@example.si" }), vec!["#/current_password required"]),
        (json!({ "current_password": password }), vec!["#/email required"]),
        (json!({ "email": "nova@example.si", "current_password": "" }), vec!["#/current_password too_short"]),
        (
            json!({ "email": "x", "current_password": "Napacno-geslo-1" }),
            vec!["#/email invalid_format", "#/current_password incorrect_password"],
        ),
    ] {
        assert_eq!(ask_with(app, &token, body.clone()).await.field_errors(), errors, "{body}");
    }
    // A stranger at an open screen is not told which address is on file.
    let body = json!({ "email": Customer::ANA.email, "current_password": "Napacno-geslo-1" });
    assert_eq!(ask_with(app, &token, body).await.field_errors(), ["#/current_password incorrect_password"]);
    for body in [
        json!({ "email": null, "current_password": password }),
        json!({ "email": ["nova@example.si"], "current_password": password }),
        json!({ "email": "nova@example.si", "current_password": password, "account_id": "x" }),
    ] {
        ask_with(app, &token, body).await.assert_problem(400, "malformed-request");
    }
    assert_eq!(app.deliver_all().await, 0);
    assert_eq!(on_file(app), Customer::ANA.email);
}

async fn ow_03_what_is_no_link_is_refused_and_changes_nothing(app: &TestApp) {
    let token = sign_in(app).await;
    let (confirms, _) = ask_and_deliver(app, &token).await;
    let (cut, long) = (&confirms[..42], "x".repeat(10_000));
    for (path, slug) in [
        ("/v1/email-changes/confirm", "email-change-unusable"),
        ("/v1/email-changes/withdraw", "email-change-unusable"),
        ("/v1/lock-downs", "reset-link-unusable"),
    ] {
        for bad in ["", " ", "x", cut, &long, "' OR 1=1 --"] {
            let refused = use_link(app, path, bad, Customer::ANA.number).await;
            refused.assert_problem(410, slug);
            assert_eq!(refused.json()["reason"], "unknown", "{path} {bad}");
        }
        let missing = app.post(path, json!({})).await;
        assert_eq!(missing.field_errors(), ["#/token required", "#/customer_number required"], "{path}");
        app.post(path, json!({ "token": null })).await.assert_problem(400, "malformed-request");
        app.get(path).await.assert_problem(405, "method-not-allowed");
    }
    // White space around a copied token is no part of it (TK-13).
    confirm(app, &format!(" {confirms}\r\n")).await.assert_status(200);
    app.deliver_all().await;
}

async fn ow_03_a_link_of_an_account_that_is_gone_is_unknown(app: &TestApp) {
    let token = sign_in(app).await;
    let (confirms, withdraws) = ask_and_deliver(app, &token).await;
    execute(&app.database.url, "UPDATE email_changes SET account_id = 'gone'").unwrap();
    for (path, token) in [("/v1/email-changes/confirm", confirms), ("/v1/email-changes/withdraw", withdraws)] {
        assert_eq!(use_link(app, path, &token, Customer::ANA.number).await.json()["reason"], "unknown");
    }
}

async fn ap_05_a_call_without_fields_takes_nothing_or_an_empty_object(app: &TestApp) {
    let token = sign_in(app).await;
    let path = "/v1/account/email/confirmation";
    let call = || app.request(Method::POST, path).bearer_auth(&token);
    send(call()).await.assert_status(204);
    send(call().json(&json!({}))).await.assert_status(204);
    send(call().header(CONTENT_TYPE, "text/plain")).await.assert_problem(415, "unsupported-media-type");
    send(call().body("{}")).await.assert_problem(415, "unsupported-media-type");
    send(call().json(&json!({ "email": "x" }))).await.assert_problem(400, "malformed-request");
    send(call().json(&json!([]))).await.assert_problem(400, "malformed-request");
    send(app.request(Method::POST, path).body("x".repeat(100))).await.assert_problem(401, "invalid-token");
}
