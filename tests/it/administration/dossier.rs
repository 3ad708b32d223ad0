//! A customer of whom something is held in every table.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::admin::Admin;
use crate::support::{Customer, TestApp, execute, send, text};

pub(super) const OLD_ADDRESS: &str = Customer::ANA.email;
pub(super) const NEW_ADDRESS: &str = "nova@example.si";
pub(super) const NAME: &str = "Avtoservis Novak";
pub(super) const DEVICE: &str = "Pult Ana";
pub(super) const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0";
const NEW_PASSWORD: &str = "Zimske-gume-27";

pub(crate) struct Dossier {
    pub(crate) id: String,
    pub(crate) path: String,
    /// The texts by which the customer is known: no row may hold them once the account is erased.
    pub(crate) traces: Vec<String>,
    /// The ids of two sessions.
    pub(crate) sessions: [String; 2],
}

async fn sign_in(app: &TestApp, password: &str, device: Option<&str>) -> Value {
    let mut body = json!({ "customer_number": Customer::ANA.number, "password": password });
    if let Some(device) = device {
        body["device_token"] = device.into();
    }
    send(app.request(Method::POST, "/v1/sessions").header("user-agent", BROWSER).json(&body)).await.json()
}

async fn last_token(app: &TestApp, address: &str) -> String {
    let mails = app.mail_api.mails().await;
    mails.iter().rev().find(|mail| mail.to() == address).unwrap().token()
}

/// Lives through what a customer can: the account is made by administration, and every later step leaves rows.
pub(crate) async fn live_through(app: &TestApp) -> Dossier {
    let admin = Admin::with(app, "accounts:read accounts:write support:act").await;
    let body = json!({
        "customer_number": Customer::ANA.number, "email": OLD_ADDRESS, "display_name": NAME, "send_activation": true,
    });
    let made = admin.request(Method::POST, "/v1/accounts").header("idempotency-key", "one").json(&body);
    let made = send(made).await.json();
    let id = text(&made, "id").to_owned();
    app.deliver_all().await;
    let token = last_token(app, OLD_ADDRESS).await;
    app.complete(&token, Customer::ANA.number, Customer::ANA.password).await.assert_status(200);
    let (session, device) = use_devices(app).await;
    reset_password(app, &device).await;
    let second = change_address(app).await;
    let admin = admin.renewed().await;
    ask_who_calls(app, &admin).await;
    let path = format!("/v1/accounts/{id}");
    admin.post(&format!("{path}/close"), json!({ "reason": "Novak je odpovedal" })).await.assert_status(200);
    admin.post(&format!("{path}/reopen"), json!({ "reason": "Novak je plačal" })).await.assert_status(200);
    app.deliver_all().await;
    plant_rows(app, &id);
    let traces = [Customer::ANA.number, OLD_ADDRESS, NEW_ADDRESS, "Novak", DEVICE, "Firefox"];
    Dossier { id, path, traces: traces.map(str::to_owned).to_vec(), sessions: [session, second] }
}

/// Returns the id of a session and the token of its device.
async fn use_devices(app: &TestApp) -> (String, String) {
    let session = sign_in(app, Customer::ANA.password, None).await;
    let id = text(&session, "session_id").to_owned();
    let name =
        app.request(Method::PATCH, &format!("/v1/sessions/{id}")).bearer_auth(text(&session, "access_token"));
    send(name.json(&json!({ "name": DEVICE }))).await.assert_status(200);
    app.refresh(text(&session, "refresh_token")).await.assert_status(200);
    app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await.assert_problem(401, "invalid-credentials");
    app.session(&Customer::ANA).await;
    app.deliver_all().await;
    (id, text(&session, "device_token").to_owned())
}

async fn reset_password(app: &TestApp, device: &str) {
    app.advance(TimeDelta::minutes(31));
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    let token = last_token(app, OLD_ADDRESS).await;
    app.complete(&token, Customer::ANA.number, NEW_PASSWORD).await.assert_status(200);
    // A colleague tries the old password on a device that has ended.
    let old = app.sign_in_from(device, Customer::ANA.number, Customer::ANA.password).await;
    old.assert_problem(401, "invalid-credentials");
    app.deliver_all().await;
}

/// Returns the id of the session.
async fn change_address(app: &TestApp) -> String {
    let session = sign_in(app, NEW_PASSWORD, None).await;
    let body = json!({ "email": NEW_ADDRESS, "current_password": NEW_PASSWORD });
    let ask = app.request(Method::POST, "/v1/account/email").bearer_auth(text(&session, "access_token"));
    send(ask.json(&body)).await.assert_status(202);
    app.deliver_all().await;
    let token = last_token(app, NEW_ADDRESS).await;
    let confirm = json!({ "token": token, "customer_number": Customer::ANA.number });
    app.post("/v1/email-changes/confirm", confirm).await.assert_status(200);
    app.deliver_all().await;
    text(&session, "session_id").to_owned()
}

async fn ask_who_calls(app: &TestApp, admin: &Admin<'_>) {
    for way in ["page", "mail"] {
        let question = json!({ "customer_number": Customer::ANA.number, "deliver_to": way });
        admin.post("/v1/support/caller-codes", question).await.assert_status(201);
        app.deliver_all().await;
    }
}

/// Rows that only a mail API, many calls or an import would bring.
fn plant_rows(app: &TestApp, id: &str) {
    let rows = format!(
        "INSERT INTO suppressions (address, reason, since, detail)
             VALUES ('{OLD_ADDRESS}', 'complaint', '2026-11-22 13:00:00', 'no such mailbox {OLD_ADDRESS}');
         INSERT INTO hashes_to_wrap (account_id, imported_at) VALUES ('{id}', '2026-11-22 13:00:00');
         INSERT INTO tried_numbers (key, customer_number, tried_at)
             VALUES ('reset/32-56/00001', '{}', '2026-11-22 13:00:00')",
        Customer::ANA.number
    );
    execute(&app.database.url, &rows).unwrap();
}
