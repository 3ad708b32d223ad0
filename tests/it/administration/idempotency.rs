//! Calls that are repeated with the same `Idempotency-Key`.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::jobs;

use super::admin::Admin;
use crate::support::{Answer, Customer, TestApp, database_tests, execute, send, text};

database_tests![
    ap_10_a_repetition_gets_the_same_answer_and_makes_nothing,
    ap_10_a_key_with_another_body_is_a_wrong_field,
    ap_10_a_call_in_flight_is_a_conflict_until_its_lease_ends,
    ap_10_calls_at_the_same_moment_make_one_account,
    ap_10_a_key_belongs_to_its_client,
    ap_10_a_refused_call_gives_its_key_back,
    ap_10_a_malformed_key_is_a_wrong_field,
    ap_10_an_answer_is_kept_sealed_for_a_day_and_deleted_with_the_account,
    ap_10_a_question_who_calls_is_repeated_too,
    ap_10_authentication_and_scope_come_before_a_repetition,
];

async fn create(admin: &Admin<'_>, key: &str, body: &Value) -> Answer {
    send(admin.request(Method::POST, "/v1/accounts").header("idempotency-key", key).json(body)).await
}

fn ana() -> Value {
    json!({ "customer_number": Customer::ANA.number, "email": Customer::ANA.email, "display_name": "Avtoservis Novak" })
}

async fn ap_10_a_repetition_gets_the_same_answer_and_makes_nothing(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    let first = create(&admin, "one", &ana()).await;
    first.assert_status(201);
    // The account goes on; the answer is that of the first call.
    app.close(&Customer::ANA).await;
    app.advance(TimeDelta::hours(1));
    let again = admin.renewed().await;
    // The order of the members and the white space are no part of the request.
    let same =
        r#" { "display_name":"Avtoservis Novak", "email":"delavnica@example.si", "customer_number":"004217" }"#;
    let request = again.request(Method::POST, "/v1/accounts").header("idempotency-key", "one");
    let second = send(request.header("content-type", "application/json").body(same)).await;
    assert_eq!((second.status, &second.text), (201, &first.text));
    for header in ["etag", "location", "content-type", "cache-control"] {
        assert_eq!(second.header(header), first.header(header), "{header}");
    }
    assert_eq!(app.dump().counts()["accounts"], 1);
    assert_eq!(app.events("user_created"), 1);
    // Without the key the number is taken.
    again.post("/v1/accounts", ana()).await.assert_problem(409, "conflict");
}

async fn ap_10_a_key_with_another_body_is_a_wrong_field(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    create(&admin, "one", &ana()).await.assert_status(201);
    let other = json!({ "customer_number": Customer::BOJAN.number });
    let answer = create(&admin, "one", &other).await;
    answer.assert_problem(422, "validation-failed");
    assert_eq!(answer.field_errors(), ["#/Idempotency-Key idempotency_key_reused"]);
    assert_eq!(app.dump().counts()["accounts"], 1);
    create(&admin, "two", &other).await.assert_status(201);
}

async fn ap_10_a_call_in_flight_is_a_conflict_until_its_lease_ends(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    create(&admin, "one", &ana()).await.assert_status(201);
    // As after a crash before the account was made.
    let crash = "UPDATE idempotency_keys SET sealed_answer = NULL, secret_key_id = NULL, account_id = NULL";
    execute(&app.database.url, &format!("{crash}; DELETE FROM accounts")).unwrap();
    create(&admin, "one", &ana()).await.assert_problem(409, "conflict");
    assert_eq!(app.dump().counts()["accounts"], 0);
    app.advance(TimeDelta::seconds(61));
    create(&admin, "one", &ana()).await.assert_status(201);
    assert_eq!(app.dump().counts()["accounts"], 1);
}

async fn ap_10_calls_at_the_same_moment_make_one_account(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    let body = ana();
    let answers = futures_util::future::join_all((0..8).map(|_| create(&admin, "one", &body))).await;
    let made: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(!made.is_empty());
    assert!(made.iter().all(|answer| answer.text == made[0].text));
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.assert_problem(409, "conflict");
    }
    assert_eq!((app.dump().counts()["accounts"], app.events("user_created")), (1, 1));
    assert_eq!(create(&admin, "one", &body).await.text, made[0].text);
}

async fn ap_10_a_key_belongs_to_its_client(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    create(&admin, "one", &ana()).await.assert_status(201);
    let other = Admin::with(app, "accounts:write").await;
    create(&other, "one", &ana()).await.assert_problem(409, "conflict");
    create(&other, "one", &json!({ "customer_number": Customer::BOJAN.number })).await.assert_status(201);
}

async fn ap_10_a_refused_call_gives_its_key_back(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:write").await;
    create(&admin, "one", &ana()).await.assert_problem(409, "conflict");
    let no_address = json!({ "customer_number": "004218", "send_activation": true });
    create(&admin, "one", &no_address).await.assert_problem(422, "validation-failed");
    assert_eq!(app.dump().counts()["idempotency_keys"], 0);
    create(&admin, "one", &json!({ "customer_number": "004218" })).await.assert_status(201);
}

async fn ap_10_a_malformed_key_is_a_wrong_field(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    let long = "a".repeat(256);
    for key in ["", "a b", "ključ", long.as_str()] {
        let bytes = reqwest::header::HeaderValue::from_bytes(key.as_bytes()).unwrap();
        let request = admin.request(Method::POST, "/v1/accounts").header("idempotency-key", bytes);
        let answer = send(request.json(&ana())).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), ["#/Idempotency-Key invalid_format"], "{key}");
    }
    let twice = admin.request(Method::POST, "/v1/accounts").header("idempotency-key", "a");
    let twice = send(twice.header("idempotency-key", "a").json(&json!({}))).await;
    assert_eq!(twice.field_errors(), ["#/customer_number required", "#/Idempotency-Key invalid_format"]);
    assert_eq!(app.dump().counts()["accounts"], 0);
    create(&admin, &"a".repeat(255), &ana()).await.assert_status(201);
}

async fn ap_10_an_answer_is_kept_sealed_for_a_day_and_deleted_with_the_account(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write accounts:erase").await;
    let key = "0d4e2f5c-8a31-4b57-9c1f-6f0d2b9a8e7d";
    let made = create(&admin, key, &ana()).await.json();
    let kept = app.dump().only("idempotency_keys").text();
    for clear in [key, Customer::ANA.email, Customer::ANA.number, "Novak"] {
        assert!(!kept.contains(clear), "{clear}: {kept}");
    }
    create(&admin, "two", &json!({ "customer_number": Customer::BOJAN.number })).await.assert_status(201);
    admin.delete(&format!("/v1/accounts/{}", text(&made, "id"))).await.assert_status(204);
    app.deliver_all().await;
    assert_eq!(app.dump().counts()["idempotency_keys"], 1);
    app.advance(TimeDelta::hours(23));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["idempotency_keys"], 1);
    app.advance(TimeDelta::hours(1) + TimeDelta::minutes(1));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["idempotency_keys"], 0);
}

async fn ap_10_a_question_who_calls_is_repeated_too(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "support:act").await;
    let ask = async |number: &str| {
        let request = admin.request(Method::POST, "/v1/support/caller-codes").header("idempotency-key", "one");
        send(request.json(&json!({ "customer_number": number, "deliver_to": "page" }))).await
    };
    let first = ask(Customer::ANA.number).await;
    first.assert_status(201);
    let second = ask(Customer::ANA.number).await;
    assert_eq!((second.status, &second.text), (201, &first.text));
    assert_eq!(app.dump().counts()["caller_codes"], 1);
    let other = ask("999999").await;
    assert_eq!(other.field_errors(), ["#/Idempotency-Key idempotency_key_reused"]);
}

async fn ap_10_authentication_and_scope_come_before_a_repetition(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    create(&admin, "one", &ana()).await.assert_status(201);
    let reader = Admin::with(app, "accounts:read").await;
    create(&reader, "one", &ana()).await.assert_problem(403, "insufficient-scope");
    admin.partner.revoke(app).await;
    create(&admin, "one", &ana()).await.assert_problem(401, "invalid-token");
}
