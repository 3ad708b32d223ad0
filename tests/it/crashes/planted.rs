//! Each invariant is broken by hand, and its query finds it.

use reqwest::Method;
use serde_json::json;
use stakis_identity::types::AllowedTarget;

use super::{
    invariants::{INVARIANTS, Moment, broken, violations},
    stage::settle,
};
use crate::support::{
    Customer, DirectConnection, Engine, TestApp, administrator, delivery_events::accept_by_id, engine_tests,
    execute, machine::Machine, partner::Partner, send, text,
};

engine_tests![op_06_every_invariant_is_broken_by_hand_and_found];

/// Fills the tables that the faults change.
async fn fill(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, "Zimske-gume-27").await.assert_status(200);
    app.deliver_all().await;
    app.advance(chrono::TimeDelta::hours(2));
    let session = app.sign_in(Customer::ANA.number, "Zimske-gume-27").await;
    session.assert_status(201);
    let access = text(&session.json(), "access_token").to_owned();
    app.deliver_all().await;
    app.token_for(&Customer::ANA).await;
    let ask = app.request(Method::POST, "/v1/account/email").bearer_auth(access);
    let body = json!({ "email": "nova@example.si", "current_password": "Zimske-gume-27" });
    send(ask.json(&body)).await.assert_status(202);
    let desk = Machine::with(app, "accounts:write support:act webhooks:write").await;
    let request = desk.request(Method::POST, "/v1/accounts").header("idempotency-key", "one");
    let body = json!({ "customer_number": Customer::BOJAN.number, "email": Customer::BOJAN.email });
    send(request.json(&body)).await.assert_status(201);
    desk.post("/v1/accounts", json!({ "customer_number": "000009" })).await.assert_status(201);
    let body = json!({ "customer_number": Customer::ANA.number, "deliver_to": "page" });
    desk.post("/v1/support/caller-codes", body).await.assert_status(201);
    desk.post("/v1/webhook-endpoints", json!({ "url": "http://127.0.0.1:9/" })).await.assert_status(201);
    settle(app).await;
    app.ask(Customer::BOJAN.number).await.assert_status(202);
    app.may_leave_jobs();
    Partner::make(app, "events:read").await;
    app.mail_api.answer_with(wiremock::ResponseTemplate::new(503)).await;
    // A closing that an active endpoint was told of.
    app.close(&Customer::BOJAN).await;
    stakis_identity::identity::events::publish(&app.app).await.unwrap();
    app.ask(Customer::ANA.number).await.assert_status(202);
    let delivered = "UPDATE webhook_endpoints SET state = 'active';
        INSERT INTO webhook_attempts (id, endpoint_id, event_id, event_type, attempt, outcome, attempted_at)
            SELECT e.id, n.id, e.id, e.event_type, 1, 'delivered', e.occurred_at FROM events e, webhook_endpoints n
            WHERE e.event_type = 'account.closed'";
    execute(&app.database.url, delivered).unwrap();
    stakis_identity::identity::signing_keys::rotate(&app.app, &administrator()).await.unwrap();
}

async fn op_06_every_invariant_is_broken_by_hand_and_found(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.webhooks.allow = vec![AllowedTarget::parse("127.0.0.1:*").unwrap()];
    })
    .await;
    fill(&app).await;
    let mut tables = DirectConnection::open(&app.database.url);
    let found = violations(&mut tables, Moment::Always, true);
    assert!(found.is_empty(), "{found:#?}");
    let mut missed = Vec::new();
    for invariant in INVARIANTS {
        let before = broken(&mut tables, invariant);
        let copy = app.database.copy();
        execute(&copy.url, invariant.fault).unwrap_or_else(|error| panic!("{}: {error}", invariant.name));
        let found = broken(&mut DirectConnection::open(&copy.url), invariant);
        if found.iter().all(|row| before.contains(row)) {
            missed.push(invariant.name);
        }
        // PostgreSQL has ended the connection for the copy.
        tables = DirectConnection::open(&app.database.url);
    }
    assert!(missed.is_empty(), "these were broken and not found: {missed:#?}");
}
