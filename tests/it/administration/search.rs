//! Finding accounts by what customers are known by elsewhere.

use serde_json::{Value, json};

use super::admin::Admin;
use crate::support::{Answer, Customer, TestApp, database_tests, text};

database_tests![
    ad_03_an_account_is_found_by_its_number,
    ad_03_every_account_with_an_address_is_found_in_any_spelling,
    ad_03_a_search_is_by_one_of_two_fields,
    ad_10_a_search_is_in_the_trail_and_limited,
];

async fn search(admin: &Admin<'_>, body: Value) -> Answer {
    admin.post("/v1/accounts/search", body).await
}

fn numbers(answer: &Answer) -> Vec<String> {
    answer.assert_status(200);
    let body = answer.json();
    let accounts = body["accounts"].as_array().unwrap();
    accounts.iter().map(|account| text(account, "customer_number").to_owned()).collect()
}

async fn ad_03_an_account_is_found_by_its_number(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    let admin = Admin::with(app, "accounts:read").await;
    let found = search(&admin, json!({ "customer_number": Customer::ANA.number })).await;
    assert_eq!(numbers(&found), [Customer::ANA.number]);
    let account = &found.json()["accounts"][0];
    assert_eq!(account, &admin.get(&format!("/v1/accounts/{}", text(account, "id"))).await.json());
    assert_eq!(numbers(&search(&admin, json!({ "customer_number": "999999" })).await), [""; 0]);
}

async fn ad_03_every_account_with_an_address_is_found_in_any_spelling(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(chrono::TimeDelta::seconds(1));
    app.make(&Customer { number: "000002", email: "Delavnica@EXAMPLE.si", ..Customer::ANA }).await;
    app.make(&Customer { number: "000003", email: "x@žaga.example", ..Customer::BOJAN }).await;
    let admin = Admin::with(app, "accounts:read").await;
    let found = search(&admin, json!({ "email": "DELAVNICA@example.SI" })).await;
    assert_eq!(numbers(&found), [Customer::ANA.number, "000002"]);
    assert_eq!(numbers(&search(&admin, json!({ "email": "x@xn--aga-b3a.example" })).await), ["000003"]);
    assert_eq!(numbers(&search(&admin, json!({ "email": "nobody@example.si" })).await), [""; 0]);
}

async fn ad_03_a_search_is_by_one_of_two_fields(app: &TestApp) {
    let admin = Admin::with(app, "accounts:read").await;
    for (body, error) in [
        (json!({}), "#/customer_number required"),
        (json!({ "customer_number": "004217", "email": "a@example.si" }), "#/email one_of_two"),
        (json!({ "customer_number": "4217" }), "#/customer_number invalid_format"),
        (json!({ "email": "a" }), "#/email invalid_format"),
    ] {
        let answer = search(&admin, body).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), [error]);
    }
    search(&admin, json!({ "display_name": "a" })).await.assert_problem(400, "malformed-request");
}

/// The limits are those of the questions of support.
async fn ad_10_a_search_is_in_the_trail_and_limited(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:read").await;
    search(&admin, json!({ "customer_number": Customer::ANA.number })).await.assert_status(200);
    search(&admin, json!({ "email": Customer::ANA.email })).await.assert_status(200);
    search(&admin, json!({ "email": "nobody@example.si" })).await.assert_status(200);
    let refused = search(&admin, json!({ "customer_number": Customer::ANA.number })).await;
    refused.assert_problem(429, "rate-limited");
    assert!(refused.header("retry-after").parse::<i64>().unwrap() > 0);
    let reads: Vec<String> =
        app.audit().into_iter().filter(|line| line.event == "sensitive_read").map(|line| line.detail).collect();
    assert_eq!(reads, ["search by number", "search by address", "search by address: none"]);
    assert!(!app.dump().only("tried_numbers").text().contains('@'));
}
