//! The delivery events that mail APIs post: which of them are believed, and what they change.

use aws_lc_rs::hmac;
use data_encoding::BASE64;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use stakis_identity::config::{Config, MailProviderKind};

use crate::support::{Answer, Customer, Engine, TestApp, engine_tests, execute, send};

engine_tests![
    wh_01_a_signed_event_is_written_down_and_a_forged_one_refused,
    wh_01_basic_authentication_and_nothing_in_the_address,
    wh_02_a_replay_changes_nothing,
    wh_03_without_a_secret_there_is_no_such_address,
    wh_04_an_event_of_an_unknown_mail_changes_nothing,
    wh_04_an_event_that_comes_before_the_answer_knows_the_mail_by_our_name,
    ap_04_ten_megabytes_and_other_nonsense_are_refused,
];

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PATH: &str = "/v1/mail-events/resend";

fn resend(config: &mut Config) {
    config.mail.provider = MailProviderKind::Resend;
    config.mail.webhook_secret = Some(SecretString::from(SECRET));
}

fn event(kind: &str, email_id: &str) -> String {
    json!({
        "type": kind,
        "created_at": "2026-11-22T13:00:03.000Z",
        "data": { "email_id": email_id, "to": [Customer::ANA.email], "bounce": { "type": "Permanent" } },
    })
    .to_string()
}

async fn post(app: &TestApp, id: &str, body: String) -> Answer {
    let moment = app.app.clock.now().and_utc().timestamp().to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &BASE64.decode(&SECRET.as_bytes()[6..]).unwrap());
    let signature = hmac::sign(&key, format!("{id}.{moment}.{body}").as_bytes());
    let request = app.request(Method::POST, PATH).header("content-type", "application/json");
    let request = request.header("svix-id", id).header("svix-timestamp", moment);
    send(request.header("svix-signature", format!("v1,{}", BASE64.encode(signature.as_ref()))).body(body)).await
}

/// Starts an app with a mail that the mail API accepted as `provider-1`.
async fn started(engine: Engine) -> TestApp {
    let app = TestApp::start_with(engine, resend).await;
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    app
}

fn delivery(app: &TestApp) -> String {
    app.only_mail().delivery
}

async fn wh_01_a_signed_event_is_written_down_and_a_forged_one_refused(engine: Engine) {
    let app = started(engine).await;
    let body = event("email.bounced", "provider-1");
    let forged = app.request(Method::POST, PATH).header("content-type", "application/json");
    let forged = forged.header("svix-id", "e").header("svix-timestamp", "1795352400");
    send(forged.header("svix-signature", "v1,AAAA").body(body.clone())).await.assert_problem(401, "invalid-token");
    app.post(PATH, json!({})).await.assert_problem(401, "invalid-token");
    assert_eq!(app.events("mail_delivery"), 0);
    post(&app, "e1", body).await.assert_status(204);
    assert_eq!(delivery(&app), "bounced_hard");
    assert_eq!((app.events("mail_delivery"), app.dump().counts()["suppressions"]), (1, 1));
}

async fn wh_01_basic_authentication_and_nothing_in_the_address(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.mail.provider = MailProviderKind::Postmark;
        config.mail.webhook_secret = Some(SecretString::from("postmark:a-long-password-of-ours"));
    })
    .await;
    let body = json!({ "RecordType": "Open" });
    let path = "/v1/mail-events/postmark";
    let with = |password: &str| app.request(Method::POST, path).basic_auth("postmark", Some(password)).json(&body);
    send(with("a-long-password-of-ours")).await.assert_status(204);
    send(with("another")).await.assert_problem(401, "invalid-token");
    let in_address = format!("{path}?secret=a-long-password-of-ours");
    app.post(&in_address, body.clone()).await.assert_problem(401, "invalid-token");
}

async fn wh_02_a_replay_changes_nothing(engine: Engine) {
    let app = started(engine).await;
    post(&app, "e1", event("email.delivered", "provider-1")).await.assert_status(204);
    let before = app.dump().text();
    post(&app, "e1", event("email.delivered", "provider-1")).await.assert_status(204);
    // Another content under the same id changes nothing either.
    post(&app, "e1", event("email.bounced", "provider-1")).await.assert_status(204);
    assert_eq!(app.dump().text(), before);
}

async fn wh_03_without_a_secret_there_is_no_such_address(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.mail.webhook_secret = None).await;
    for provider in ["mailpit", "resend", "nobody", ""] {
        app.post(&format!("/v1/mail-events/{provider}"), json!({})).await.assert_problem(404, "not-found");
    }
}

async fn wh_04_an_event_of_an_unknown_mail_changes_nothing(engine: Engine) {
    let app = started(engine).await;
    let before = app.dump().text();
    post(&app, "e1", event("email.bounced", "somebody-else-s")).await.assert_status(204);
    assert_eq!(app.dump().text(), before);
}

async fn wh_04_an_event_that_comes_before_the_answer_knows_the_mail_by_our_name(engine: Engine) {
    let app = started(engine).await;
    execute(&app.database.url, "UPDATE mails SET provider_message_id = NULL").unwrap();
    let id = app.only_mail().id;
    let mut body: Value = serde_json::from_str(&event("email.delivered", "early")).unwrap();
    body["data"]["tags"] = json!({ "message_id": id });
    post(&app, "e1", body.to_string()).await.assert_status(204);
    assert_eq!(delivery(&app), "delivered");
}

async fn ap_04_ten_megabytes_and_other_nonsense_are_refused(engine: Engine) {
    let app = started(engine).await;
    let before = app.dump().text();
    let huge = post(&app, "e1", format!("{{\"type\":\"{}\"}}", "x".repeat(10 * 1024 * 1024))).await;
    huge.assert_problem(413, "payload-too-large");
    for body in ["", "null", "[]", "{\"type\":", "\u{feff}{}"] {
        post(&app, "e2", body.to_owned()).await.assert_problem(400, "malformed-request");
    }
    post(&app, "e3", json!({ "type": "email.bounced" }).to_string()).await.assert_status(204);
    assert_eq!(app.dump().text(), before);
}
