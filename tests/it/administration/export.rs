//! Everything that is held about one customer.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    admin::{Admin, path_of},
    dossier::{Dossier, NAME, live_through},
};
use crate::support::{Customer, Engine, TestApp, TestDatabase, columns_of, database_tests, engine_tests, text};

database_tests![
    dp_06_an_export_has_everything_that_is_held,
    dp_06_an_export_has_nothing_that_opens_anything,
    dp_06_an_export_has_nothing_of_another_customer,
    ad_04_an_export_is_in_the_trail,
    ad_06_a_client_that_exports_many_customers_is_stopped,
];
engine_tests![dp_06_every_table_is_exported_or_has_a_reason];

/// The list of the document that has the rows of a table, or why none has.
const TABLES: [(&str, Result<&str, &str>); 43] = [
    ("accounts", Ok("account")),
    ("password_history", Ok("earlier_passwords")),
    ("sessions", Ok("sessions")),
    ("refresh_tokens", Ok("refreshes")),
    ("devices", Ok("devices")),
    ("former_devices", Ok("former_devices")),
    ("failed_sign_ins", Ok("failed_sign_ins")),
    ("sign_in_failures", Ok("failure_counts")),
    ("reset_requests", Ok("reset_requests")),
    ("swallowed_requests", Ok("swallowed_requests")),
    ("reset_links", Ok("reset_links")),
    ("mails", Ok("mails")),
    ("suppressions", Ok("suppressions")),
    ("suppression_liftings", Ok("suppression_liftings")),
    ("email_changes", Ok("email_changes")),
    ("lock_down_links", Ok("lock_down_links")),
    ("caller_codes", Ok("caller_codes")),
    ("idempotency_keys", Ok("repeated_calls")),
    ("audit_events", Ok("audit_events")),
    ("hashes_to_wrap", Ok("waiting_hashes")),
    ("audit_unsealed", Err("holds ids of entries of the trail, which are exported")),
    ("audit_seals", Err("holds hashes of entries of the trail, which are exported")),
    ("audit_batches", Err("tells of no customer")),
    ("audit_erasures", Err("holds ids of entries of the trail about who has no account any more")),
    ("events", Err("tells of the entries of the trail, with less")),
    ("event_positions", Err("tells of no customer")),
    ("webhook_endpoints", Err("tells of no customer")),
    ("webhook_keys", Err("tells of no customer")),
    ("webhook_deliveries", Err("holds the ids of events, for three days")),
    ("webhook_attempts", Err("holds the ids of events")),
    ("tried_numbers", Err("tells of a source or a client which numbers it tried, for an hour")),
    ("erased_numbers", Err("tells of the account that had the number before")),
    ("rate_limits", Err("tells until when a limit counts")),
    ("jobs", Err("holds the id of a request or a mail, which are exported")),
    ("mail_events", Err("holds the ids of the mail API's events")),
    ("spent_proofs", Err("tells of no customer")),
    ("pressure_reports", Err("tells of no customer")),
    ("signing_keys", Err("tells of no customer")),
    ("clients", Err("tells of no customer")),
    ("spent_assertions", Err("tells of no customer")),
    ("revoked_tokens", Err("tells of no customer")),
    ("imports", Err("tells of no customer: a file is known by a keyed hash")),
    ("support_sessions", Err("tells of people of support")),
];

async fn dp_06_every_table_is_exported_or_has_a_reason(engine: Engine) {
    let there = columns_of(&TestDatabase::migrated(engine).url);
    let decided: BTreeMap<&str, _> = TABLES.into_iter().collect();
    let undecided: Vec<&String> = there.keys().filter(|table| !decided.contains_key(table.as_str())).collect();
    assert!(undecided.is_empty(), "decide whether an export has the rows of {undecided:?}");
    assert_eq!(decided.len(), there.len(), "a table in the list is gone");
}

async fn document(app: &TestApp, path: &str) -> Value {
    let admin = Admin::with(app, "accounts:export").await;
    let answer = admin.get(&format!("{path}/export")).await;
    answer.assert_status(200);
    answer.json()
}

async fn dp_06_an_export_has_everything_that_is_held(app: &TestApp) {
    let Dossier { id, path, traces, sessions } = live_through(app).await;
    let document = document(app, &path).await;
    let members: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    let listed: Vec<&str> = TABLES.iter().filter_map(|(_, list)| list.ok()).collect();
    for member in members.iter().filter(|member| **member != "exported_at") {
        assert!(listed.contains(member), "{member} is of no table");
    }
    for list in &listed {
        let value = &document[*list];
        let has_rows = value.as_array().is_some_and(|rows| !rows.is_empty()) || value.is_object();
        assert!(has_rows, "{list} is empty: {document:#}");
    }
    assert_eq!((text(&document["account"], "id"), text(&document["account"], "display_name")), (id.as_str(), NAME));
    let whole = document.to_string();
    for trace in traces.into_iter().chain(sessions) {
        assert!(whole.contains(&trace), "{trace} is missing");
    }
    let counts = app.dump().counts();
    for (table, list) in TABLES {
        if let (Ok(list), true) = (list, !["accounts", "audit_events", "sign_in_failures"].contains(&table)) {
            let rows = document[list].as_array().unwrap().len();
            assert_eq!(rows, counts[table], "{table}: there is no other customer");
        }
    }
}

async fn dp_06_an_export_has_nothing_that_opens_anything(app: &TestApp) {
    let Dossier { path, .. } = live_through(app).await;
    let whole = document(app, &path).await.to_string();
    for (table, column) in [
        ("accounts", "password_hash"),
        ("password_history", "password_hash"),
        ("refresh_tokens", "token_hash"),
        ("devices", "token_hash"),
        ("former_devices", "token_hash"),
        ("reset_links", "token_hash"),
        ("email_changes", "confirm_token_hash"),
        ("email_changes", "withdraw_token_hash"),
        ("lock_down_links", "token_hash"),
        ("lock_down_links", "secret_key_id"),
        ("idempotency_keys", "sealed_answer"),
    ] {
        let secrets = app.column(table, column);
        assert!(secrets.iter().any(|secret| !secret.is_empty()), "{table}.{column} is empty");
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            assert!(!whole.contains(&secret), "{table}.{column}");
        }
    }
    for mail in app.mail_api.mails().await.iter().filter(|mail| mail.text().contains("#token=")) {
        assert!(!whole.contains(&mail.token()));
    }
}

async fn dp_06_an_export_has_nothing_of_another_customer(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    let bojan = app.session(&Customer::BOJAN).await;
    app.token_for(&Customer::BOJAN).await;
    app.sign_in(Customer::BOJAN.number, "Napacno-geslo-1").await;
    app.session(&Customer::ANA).await;
    let ana = document(app, &path_of(app, &Customer::ANA).await).await.to_string();
    for theirs in
        [Customer::BOJAN.number, Customer::BOJAN.email, text(&bojan, "session_id"), text(&bojan["account"], "id")]
    {
        assert!(!ana.contains(theirs), "{theirs}");
    }
}

async fn ad_04_an_export_is_in_the_trail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:export").await;
    let path = path_of(app, &Customer::ANA).await;
    admin.get(&format!("{path}/export")).await.assert_status(200);
    let line = app.audit().into_iter().find(|line| line.event == "sensitive_read").unwrap();
    assert_eq!(
        (line.actor, line.detail.as_str()),
        (format!("client {}", admin.partner.id), "export: no reason given")
    );
    assert_eq!(format!("/v1/accounts/{}", line.account_id), path);
}

async fn ad_06_a_client_that_exports_many_customers_is_stopped(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:export").await;
    let path = format!("{}/export", path_of(app, &Customer::ANA).await);
    for _ in 0..3 {
        admin.get(&path).await.assert_status(200);
    }
    let refused = admin.get(&path).await;
    refused.assert_problem(429, "rate-limited");
    assert_eq!(refused.json()["account"], json!(null));
}
