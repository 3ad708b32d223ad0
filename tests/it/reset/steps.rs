//! The steps of a reset, and of a change of the address, in their order, for one customer each (CH-09).

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;
use stakis_identity::types::Id;

use crate::support::{Customer, TestApp, database_tests, issue_link_only, send, text};

database_tests![
    ch_09_no_step_of_a_reset_can_be_skipped_or_mixed,
    ch_09_no_step_of_an_address_change_can_be_skipped_or_mixed,
];

const NEW: &str = "Zimske-gume-27";

async fn assert_old_passwords(app: &TestApp) {
    for customer in [Customer::ANA, Customer::BOJAN] {
        app.sign_in(customer.number, customer.password).await.assert_status(201);
        app.sign_in(customer.number, NEW).await.assert_problem(401, "invalid-credentials");
    }
    app.deliver_all().await;
}

async fn ch_09_no_step_of_a_reset_can_be_skipped_or_mixed(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    // Nobody has asked.
    app.complete(&"A".repeat(43), Customer::ANA.number, NEW).await.assert_link_unusable("unknown");
    // The link is made, and its mail is not handed over: only the service itself can know the token.
    app.ask(Customer::ANA.number).await.assert_status(202);
    issue_link_only(&app.app).await;
    let id = Id::from_text(app.column("reset_links", "id").remove(0));
    let early = app.app.keyring.reset_token(app.app.keyring.current_id(), &id).unwrap();
    let early = early.expose().to_owned();
    app.verify(&early).await.assert_link_unusable("unknown");
    app.complete(&early, Customer::ANA.number, NEW).await.assert_link_unusable("unknown");
    assert_old_passwords(app).await;
    // The mail is out, and the link serves the customer whom it was mailed to, whichever number the form names.
    app.verify(&early).await.assert_status(200);
    let mixed = app.complete(&early, Customer::BOJAN.number, NEW).await;
    assert_eq!(mixed.field_errors(), ["#/customer_number customer_number_mismatch"]);
    assert_old_passwords(app).await;
    // What ends a link ends all steps behind it.
    app.withdraw(&early, Customer::ANA.number).await.assert_status(200);
    app.verify(&early).await.assert_link_unusable("withdrawn");
    app.complete(&early, Customer::ANA.number, NEW).await.assert_link_unusable("withdrawn");
    assert_old_passwords(app).await;
    // In their order the steps lead through, once, and not by a way around the check of the link.
    app.advance(app.app.config.reset_cooldown);
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.complete(&token, Customer::ANA.number, Customer::ANA.password).await.assert_link_unusable("used");
    app.withdraw(&token, Customer::ANA.number).await.assert_link_unusable("used");
    app.sign_in(Customer::ANA.number, NEW).await.assert_status(201);
    app.sign_in(Customer::BOJAN.number, Customer::BOJAN.password).await.assert_status(201);
    app.deliver_all().await;
}

async fn ch_09_no_step_of_an_address_change_can_be_skipped_or_mixed(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    // PostgreSQL tells a changed row after the others.
    let addresses = || BTreeSet::from_iter(app.column("accounts", "email"));
    let on_file = addresses();
    let confirm = |token: String, number: &'static str| async move {
        app.post("/v1/email-changes/confirm", json!({ "token": token, "customer_number": number })).await
    };
    // A link of a reset is no confirmation.
    let reset = app.token_for(&Customer::ANA).await;
    confirm(reset, Customer::ANA.number).await.assert_problem(410, "email-change-unusable");
    let session = app.session(&Customer::ANA).await;
    let body = json!({ "email": "nova@example.si", "current_password": Customer::ANA.password });
    let asked = app.request(Method::POST, "/v1/account/email").bearer_auth(text(&session, "access_token"));
    send(asked.json(&body)).await.assert_status(202);
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    let token = mails.iter().rfind(|mail| mail.to() == "nova@example.si").unwrap().token();
    // Another customer's number does not take the link over.
    let mixed = confirm(token.clone(), Customer::BOJAN.number).await;
    assert_eq!(mixed.field_errors(), ["#/customer_number customer_number_mismatch"]);
    assert_eq!(addresses(), on_file);
    confirm(token.clone(), Customer::ANA.number).await.assert_status(200);
    assert_ne!(addresses(), on_file);
    confirm(token, Customer::ANA.number).await.assert_problem(410, "email-change-unusable");
    app.deliver_all().await;
}
