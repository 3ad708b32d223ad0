//! Mails under settings that other tests do not use.

use chrono::TimeDelta;
use secrecy::SecretString;
use stakis_identity::{config::MailProviderKind, types::Locale};

use crate::support::{Customer, Engine, TestApp, engine_tests, refusal};

engine_tests![
    ml_08_a_refused_connection_is_tried_again,
    resend_gets_an_idempotency_key_and_a_conflict_means_sent,
    pages_off_means_no_link_to_them,
];

async fn ml_08_a_refused_connection_is_tried_again(engine: Engine) {
    let app =
        TestApp::start_with(engine, |config| config.mail.api_url = Some("http://127.0.0.1:9".parse().unwrap()))
            .await;
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert!(app.only_mail().last_error.contains("connection refused"));
    assert_eq!(app.dump().counts()["jobs"], 1);
    app.may_leave_jobs();
}

/// Resend answers a repeat with the same key and another body with a conflict.
async fn resend_gets_an_idempotency_key_and_a_conflict_means_sent(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.mail.provider = MailProviderKind::Resend;
        config.mail.api_key = Some(SecretString::from("re_secret"));
    })
    .await;
    app.create(&Customer::ANA, Locale::En, None).await;
    app.mail_api.answer_with(refusal(409, "concurrent_idempotent_requests")).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    let first = app.mail_api.mails().await;
    app.mail_api.answer_with(refusal(409, "invalid_idempotent_request")).await;
    app.advance(TimeDelta::seconds(11));
    app.deliver_all().await;
    let second = app.mail_api.mails().await;
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!(first[0].path, "/emails");
    assert_eq!(first[0].body["to"], serde_json::json!(["delavnica@example.si"]));
    assert_eq!(first[0].body["from"], "STAkis <internal@topmotive.eu>");
    assert_eq!(first[0].raw, second[0].raw);
    let key = first[0].idempotency_key.clone().unwrap();
    assert_eq!(second[0].idempotency_key.as_deref(), Some(key.as_str()));
    assert!(first[0].body["text"].as_str().unwrap().contains(&key), "the mail shows its id");
    assert_eq!(app.only_mail().status, "handed_over");
}

async fn pages_off_means_no_link_to_them(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.pages = false;
        config.reset_url = Some("https://stakis.example/reset#token={token}".into());
        config.change_password_url = Some("https://stakis.example/change".parse().unwrap());
    })
    .await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let text = app.mail_api.mails().await[0].text().to_owned();
    assert!(text.contains(&format!("https://stakis.example/reset#token={token}")));
    assert!(!text.contains("identity.test"));
    app.get("/change-password").await.assert_status(404);
    app.get("/not-me").await.assert_status(404);
    assert_eq!(app.get("/.well-known/change-password").await.header("location"), "https://stakis.example/change");
}
