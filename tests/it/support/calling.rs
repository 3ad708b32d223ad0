//! Asking who is calling, and checking the code that the customer reads out (OW-11).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Customer, TestApp, machine::Machine, text};

pub(crate) const ASK: &str = "/v1/support/caller-codes";

pub(crate) async fn ask(desk: &Machine<'_>, number: &str, way: &str) -> Answer {
    desk.post(ASK, json!({ "customer_number": number, "deliver_to": way })).await
}

/// Asks about Ana, and returns the id of the question.
pub(crate) async fn question(desk: &Machine<'_>, way: &str) -> String {
    let asked = ask(desk, Customer::ANA.number, way).await;
    asked.assert_status(201);
    text(&asked.json(), "id").to_owned()
}

pub(crate) async fn check(desk: &Machine<'_>, id: &str, code: &str) -> Answer {
    desk.post(&format!("{ASK}/{id}/check"), json!({ "code": code })).await
}

/// What a check has found.
pub(crate) async fn found(desk: &Machine<'_>, id: &str, code: &str) -> Value {
    let answer = check(desk, id, code).await;
    answer.assert_status(200);
    answer.json()
}

pub(crate) fn not_verified() -> Value {
    json!({ "verified": false, "by": null })
}

pub(crate) fn verified(by: &str) -> Value {
    json!({ "verified": true, "by": by })
}

/// A customer who is signed in, and a client of support.
pub(crate) async fn call(app: &TestApp) -> (String, Machine<'_>) {
    app.make(&Customer::ANA).await;
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.deliver_all().await;
    (token, Machine::with(app, "support:act").await)
}

pub(crate) async fn press(app: &TestApp, access_token: &str) -> Answer {
    app.call(Method::POST, "/v1/account/caller-code", access_token).await
}

/// The code on the account page.
pub(crate) async fn code_on_page(app: &TestApp, access_token: &str) -> String {
    let shown = press(app, access_token).await;
    shown.assert_status(200);
    text(&shown.json(), "code").to_owned()
}

/// The code in a mail: the only line of six digits in two groups.
pub(crate) fn code_in(mail: &str) -> String {
    let is_code = |line: &&str| line.len() == 7 && line.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ');
    mail.lines().find(is_code).unwrap_or_else(|| panic!("no code in {mail}")).replace(' ', "")
}

/// Another code than the right one.
pub(crate) fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}
