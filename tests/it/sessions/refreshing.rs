//! Refreshing from programs and networks, and what becomes of the session.

use std::net::IpAddr;

use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{app::App, identity::sessions, types::RequestContext};

use crate::support::{Answer, Customer, TestApp, customer_context, send, text};

pub(super) const REISSUED: &str = "authn_token_reissued";
pub(super) const REUSE: &str = "authn_token_reuse";
/// Two addresses of one network, and one of another.
pub(super) const HOME: &str = "192.0.2.10";
pub(super) const NEXT_DOOR: &str = "192.0.2.11";
pub(super) const ELSEWHERE: &str = "198.51.100.7";

/// Calls as a program in a network, and returns the next refresh token.
pub(super) async fn refresh_from(app: &App, source: &str, user_agent: Option<&str>, token: &str) -> Option<String> {
    let source: Option<IpAddr> = Some(source.parse().unwrap());
    let user_agent = user_agent.map(str::to_owned);
    let context = RequestContext { source, user_agent, ..customer_context() };
    let signed_in = sessions::refresh(app, &context, token).await.ok()?;
    Some(signed_in.refresh_token.expose().to_owned())
}

pub(super) async fn refresh_as(app: &TestApp, user_agent: &str, token: &str) -> Answer {
    let call = app.request(Method::POST, "/v1/sessions/refresh").header("user-agent", user_agent);
    send(call.json(&json!({ "refresh_token": token }))).await
}

pub(super) async fn start(app: &TestApp) -> Value {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await
}

pub(super) fn token(body: &Value) -> &str {
    text(body, "refresh_token")
}

/// Asserts that a call is refused, and whether its session goes on with the newest token. Returns the token after it.
pub(super) async fn refused_and_goes_on(app: &TestApp, answer: &Answer, newest: &str) -> Value {
    answer.assert_problem(401, "invalid-token");
    let next = app.refresh(newest).await;
    next.assert_status_with(200, "the session goes on");
    assert_eq!(app.events(REUSE), 0);
    next.json()
}

pub(super) async fn ended(app: &TestApp, answer: &Answer, newest: &str, detail: &str) {
    answer.assert_problem(401, "invalid-token");
    app.refresh(newest).await.assert_problem(401, "invalid-token");
    let trail = app.audit();
    let details: Vec<&str> =
        trail.iter().filter(|line| line.event == REUSE).map(|line| line.detail.as_str()).collect();
    assert_eq!(details.last(), Some(&detail));
}
