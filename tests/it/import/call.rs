//! `POST /v1/accounts/import`.

use chrono::TimeDelta;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};

use crate::support::{Answer, Customer, TestApp, database_tests, partner::Partner, send, text};

database_tests![
    a_call_imports_rows_and_says_what_became_of_each,
    one_wrong_row_keeps_the_others_out_unless_told_to_continue,
    a_dry_run_says_what_would_be_and_writes_nothing,
    a_call_has_from_one_to_ten_thousand_rows,
    a_row_names_every_mistake_with_its_place,
    ap_04_a_body_of_eight_mib_is_read_after_authentication_alone,
    ap_05_a_body_with_a_field_that_is_not_known_is_refused,
    dp_05_an_imported_number_inherits_nothing,
    ad_05_a_number_imported_after_an_erasure_gets_no_link_for_a_day,
];

const MOST: usize = 8 * 1024 * 1024;

struct Importer<'a> {
    app: &'a TestApp,
    token: String,
}

impl<'a> Importer<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let token = Partner::make(app, "accounts:import").await.token(app).await;
        Self { app, token }
    }

    async fn import(&self, query: &str, rows: &Value) -> Answer {
        let path = format!("/v1/accounts/import{query}");
        let request = self.app.request(Method::POST, &path).bearer_auth(&self.token);
        send(request.json(&json!({ "accounts": rows }))).await
    }
}

/// `status` and `pointer code` of every row.
fn outcomes(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let rows = body["rows"].as_array().unwrap();
    rows.iter()
        .enumerate()
        .map(|(index, row)| {
            assert_eq!(row["index"], index);
            let errors = row["errors"].as_array().unwrap();
            let errors: Vec<String> =
                errors.iter().map(|error| format!(" {} {}", text(error, "pointer"), text(error, "code"))).collect();
            format!("{}{}", text(row, "status"), errors.concat())
        })
        .collect()
}

async fn a_call_imports_rows_and_says_what_became_of_each(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let importer = Importer::new(app).await;
    let bcrypt = "$2y$10$OHyO2cdXU6BPKijcRmNo6OWfUTTsRdUBYnvbVLHizeUg4kqszHHj6";
    let rows = json!([
        {
            "customer_number": "000001", "email": "ana@podjetje.si", "locale": "hr", "display_name": "Ana",
            "password_hash": bcrypt, "password_changed_at": "2026-07-01T08:00:00Z",
        },
        { "customer_number": Customer::ANA.number, "email": "thief@podjetje.si", "password_hash": bcrypt },
        { "customer_number": "000002", "closed": true, "closed_reason": "dolg" },
    ]);
    let answer = importer.import("", &rows).await;
    answer.assert_status(200);
    assert_eq!(outcomes(&answer), ["created", "exists", "created"]);
    let body = answer.json();
    assert_eq!((&body["dry_run"], &body["created"], &body["rejected"]), (&false.into(), &2.into(), &0.into()));
    let ids = app.column("accounts", "id");
    assert_eq!(ids.len(), 3);
    for row in body["rows"].as_array().unwrap() {
        assert!(ids.contains(&text(row, "id").to_owned()), "{row}");
    }
    app.session(&Customer::ANA).await;
    app.sign_in("000001", "Poletne-gume-26 čšž").await.assert_status(201);
    app.sign_in("000002", "Poletne-gume-26 čšž").await.assert_status(401);
    assert_eq!(app.events("accounts_imported"), 1);
    // The same call once more finds what is there.
    let again = importer.import("", &rows).await;
    assert_eq!(outcomes(&again), ["exists", "exists", "exists"]);
    assert_eq!(app.column("accounts", "id").len(), 3);
}

async fn one_wrong_row_keeps_the_others_out_unless_told_to_continue(app: &TestApp) {
    let importer = Importer::new(app).await;
    let rows =
        json!([{ "customer_number": "000001" }, { "customer_number": "2" }, { "customer_number": "000001" }]);
    let answer = importer.import("", &rows).await;
    answer.assert_status(200);
    let expected = [
        "rejected #/accounts/0/customer_number kept_out",
        "rejected #/accounts/1/customer_number invalid_format",
        "rejected #/accounts/2/customer_number duplicate_number",
    ];
    assert_eq!(outcomes(&answer), expected);
    assert!(app.column("accounts", "id").is_empty());
    let answer = importer.import("?continue=true", &rows).await;
    assert_eq!(outcomes(&answer)[0], "created");
    assert_eq!((&answer.json()["created"], &answer.json()["rejected"]), (&1.into(), &2.into()));
    assert_eq!(app.column("accounts", "customer_number"), ["000001"]);
}

async fn a_dry_run_says_what_would_be_and_writes_nothing(app: &TestApp) {
    let importer = Importer::new(app).await;
    let before = app.dump();
    let rows = json!([{ "customer_number": "000001" }, { "customer_number": "x" }]);
    let answer = importer.import("?dry_run=true&continue=true", &rows).await;
    answer.assert_status(200);
    let body = answer.json();
    assert_eq!((&body["dry_run"], &body["created"], &body["rejected"]), (&true.into(), &1.into(), &1.into()));
    assert_eq!(body["rows"][0]["id"], Value::Null);
    for table in ["accounts", "audit_events", "imports", "hashes_to_wrap"] {
        assert_eq!(app.dump().rows(table), before.rows(table), "{table}");
    }
}

async fn a_call_has_from_one_to_ten_thousand_rows(app: &TestApp) {
    let importer = Importer::new(app).await;
    let rows = |count: usize| -> Value {
        (0..count).map(|number| json!({ "customer_number": format!("{number:06}") })).collect()
    };
    for (rows, code) in [(rows(0), "too_long"), (rows(10_001), "too_long")] {
        let answer = importer.import("", &rows).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), [format!("#/accounts {code}")]);
    }
    let missing = app.request(Method::POST, "/v1/accounts/import").bearer_auth(&importer.token).json(&json!({}));
    assert_eq!(send(missing).await.field_errors(), ["#/accounts required"]);
    let wrong = importer.import("?dry_run=perhaps", &rows(1)).await;
    assert_eq!(wrong.field_errors(), ["#/dry_run invalid_format"]);
    let most = importer.import("", &rows(10_000)).await;
    most.assert_status(200);
    assert_eq!(most.json()["created"], 10_000);
    assert_eq!(app.column("accounts", "id").len(), 10_000);
}

async fn a_row_names_every_mistake_with_its_place(app: &TestApp) {
    let importer = Importer::new(app).await;
    let dear = "$scrypt$ln=24,r=8,p=1$c2FsdHNhbHQ$TU7sxj1aYqTpWpF0IqUZ5Og0IfK1JbiW7Gj6W4T0Zgs";
    let rows = json!([{
        "email": "x", "locale": "fr", "display_name": "a\u{202e}b", "password_hash": "$2b$31$x",
        "password_changed_at": "yesterday", "closed": false, "closed_reason": "dolg",
    }, { "customer_number": "000001", "password_hash": dear }]);
    let answer = importer.import("", &rows).await;
    answer.assert_status(200);
    let outcomes = outcomes(&answer);
    for place in [
        "customer_number required",
        "email invalid_format",
        "locale invalid_format",
        "display_name invalid_format",
        "password_hash invalid_format",
        "password_changed_at invalid_format",
        "closed invalid_format",
    ] {
        assert!(outcomes[0].contains(&format!("#/accounts/0/{place}")), "{place} {outcomes:?}");
    }
    assert_eq!(outcomes[1], "rejected #/accounts/1/password_hash hash_too_dear");
}

async fn ap_04_a_body_of_eight_mib_is_read_after_authentication_alone(app: &TestApp) {
    let importer = Importer::new(app).await;
    let body = |length: usize| {
        let begin = "{\"accounts\":[{\"customer_number\":\"000001\"}]";
        format!("{begin}{}}}", " ".repeat(length - begin.len() - 1))
    };
    let request = |token: &str, body: String| {
        let request = app.request(Method::POST, "/v1/accounts/import").bearer_auth(token);
        send(request.header(CONTENT_TYPE, "application/json").body(body))
    };
    request(&importer.token, body(MOST)).await.assert_status(200);
    request(&importer.token, body(MOST + 1)).await.assert_problem(413, "payload-too-large");
    request("nobody", body(64 * 1024)).await.assert_problem(401, "invalid-token");
    let other = Partner::make(app, "accounts:read").await.token(app).await;
    request(&other, body(64 * 1024)).await.assert_problem(403, "insufficient-scope");
}

async fn ap_05_a_body_with_a_field_that_is_not_known_is_refused(app: &TestApp) {
    let importer = Importer::new(app).await;
    let answer =
        importer.import("", &json!([{ "customer_number": "000001", "password": "Poletne-gume-26" }])).await;
    assert!((400..=422).contains(&answer.status), "{answer}");
    assert!(!answer.text.contains("Poletne-gume-26"));
    assert!(app.column("accounts", "id").is_empty());
}

/// What was counted for a number before it had an account is not its owner's.
async fn dp_05_an_imported_number_inherits_nothing(app: &TestApp) {
    for _ in 0..3 {
        app.sign_in("000001", "Napacno-geslo-1").await.assert_status(401);
    }
    app.ask("000001").await.assert_status(202);
    app.deliver_all().await;
    let importer = Importer::new(app).await;
    importer
        .import("", &json!([{ "customer_number": "000001", "email": "ana@podjetje.si" }]))
        .await
        .assert_status(200);
    assert!(app.dump().rows("failed_sign_ins").is_empty());
    assert!(app.dump().rows("swallowed_requests").is_empty());
}

async fn ad_05_a_number_imported_after_an_erasure_gets_no_link_for_a_day(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let found = app.column("accounts", "id").remove(0);
    let eraser = Partner::make(app, "accounts:erase").await.token(app).await;
    let erase = app.request(Method::DELETE, &format!("/v1/accounts/{found}")).bearer_auth(&eraser);
    send(erase).await.assert_status(204);
    app.deliver_all().await;
    let importer = Importer::new(app).await;
    let rows = json!([
        { "customer_number": Customer::ANA.number, "email": "nova@podjetje.si" },
        { "customer_number": Customer::BOJAN.number, "email": Customer::BOJAN.email },
    ]);
    importer.import("", &rows).await.assert_status(200);
    let mailed = async |number: &str, address: &str| {
        app.ask(number).await.assert_status(202);
        app.deliver_all().await;
        app.mail_api.mails().await.iter().any(|mail| mail.to() == address)
    };
    assert!(mailed(Customer::BOJAN.number, Customer::BOJAN.email).await, "nobody was erased there");
    assert!(!mailed(Customer::ANA.number, "nova@podjetje.si").await);
    app.advance(TimeDelta::days(1) + TimeDelta::minutes(1));
    assert!(mailed(Customer::ANA.number, "nova@podjetje.si").await);
}
