//! Asking for a diagnosis as support does, and reading it.

use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{
        self,
        clients::{RegisteredClient, Registration},
    },
    mail::DeliveryEvent,
    types::{DeliveryKind, Scopes},
};

use super::{Answer, Customer, TestApp, delivery_events::cause_at_first, partner::register, send};

pub(crate) const NEW: &str = "Zimske-gume-27";

pub(crate) async fn token(app: &TestApp) -> String {
    let scopes = Scopes::parse("support:read").unwrap();
    let RegisteredClient { client, secret } =
        register(app, Registration::of_program("Podpora".into(), scopes)).await;
    let secret = secret.unwrap();
    let request = app.request(Method::POST, "/oauth2/token").basic_auth(client.id, Some(secret.expose()));
    let form = "grant_type=client_credentials";
    let answer = send(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await;
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

pub(crate) async fn ask(app: &TestApp, body: Value) -> Answer {
    let token = token(app).await;
    send(app.request(Method::POST, "/v1/support/diagnosis").bearer_auth(token).json(&body)).await
}

pub(crate) async fn diagnosis(app: &TestApp) -> Value {
    let answer = ask(app, json!({ "customer_number": Customer::ANA.number })).await;
    answer.assert_status(200);
    answer.json()
}

pub(crate) fn codes(diagnosis: &Value) -> Vec<&str> {
    let findings = diagnosis["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

#[track_caller]
pub(crate) fn events(diagnosis: &Value) -> Vec<&str> {
    let timeline = diagnosis["timeline"].as_array().unwrap();
    timeline.iter().map(|moment| moment["event"].as_str().unwrap()).collect()
}

/// Makes a customer who has asked for a reset and whose mail has been sent. Returns the token.
pub(crate) async fn asked(app: &TestApp) -> String {
    app.make(&Customer::ANA).await;
    app.token_for(&Customer::ANA).await
}

pub(crate) async fn told(app: &TestApp, kind: DeliveryKind, smtp_code: Option<&str>) {
    let event = DeliveryEvent {
        event_id: format!("event-{}", kind.as_str()),
        provider_message_id: Some("provider-1".to_owned()),
        message_id: None,
        kind,
        occurred_at: app.app.clock.now(),
        smtp_code: smtp_code.map(str::to_owned),
        cause: cause_at_first(kind),
    };
    identity::outbox::record_delivery(&app.app, "mailpit", vec![event]).await.unwrap();
}
