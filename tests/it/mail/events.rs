//! The delivery events that mail APIs post: which of them are believed, and what they change.

use std::time::Duration;

use aws_lc_rs::hmac;
use chrono::TimeDelta;
use data_encoding::BASE64;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use stakis_identity::config::{Config, MailProviderKind};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::support::{
    Answer, Customer, Engine, TestApp, engine_tests, execute,
    limited::{HOUR, per},
    send,
};

engine_tests![
    wh_01_a_signed_event_is_written_down_and_a_forged_one_refused,
    wh_01_basic_authentication_and_nothing_in_the_address,
    wh_02_a_replay_changes_nothing,
    wh_03_without_a_secret_there_is_no_such_address,
    wh_04_an_event_of_an_unknown_mail_changes_nothing,
    wh_04_an_event_that_comes_before_the_answer_knows_the_mail_by_our_name,
    ap_04_ten_megabytes_and_other_nonsense_are_refused,
    wh_01_credentials_are_checked_before_the_body_is_sent,
    wh_01_a_401_names_the_scheme_that_is_asked_for,
    rl_01_forged_events_are_limited_by_source_and_authentic_ones_are_not,
    lo_01_forged_events_are_in_the_trail_and_raise_an_alarm,
    ap_04_few_signed_bodies_are_read_at_once,
    wh_04_an_event_that_cannot_be_stored_does_not_keep_the_others_out,
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
        "data": { "email_id": email_id, "to": [Customer::ANA.email], "bounce": { "type": "Permanent", "subType": "NoEmail" } },
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
    for length in [10 * 1024 * 1024, 256 * 1024 - 10] {
        let huge = post(&app, "e1", format!("{{\"type\":\"{}\"}}", "x".repeat(length))).await;
        huge.assert_problem(413, "payload-too-large");
    }
    post(&app, "e0", format!("{{\"type\":\"{}\"}}", "x".repeat(256 * 1024 - 11))).await.assert_status(204);
    for body in ["", "null", "[]", "{\"type\":", "\u{feff}{}"] {
        post(&app, "e2", body.to_owned()).await.assert_problem(400, "malformed-request");
    }
    post(&app, "e3", json!({ "type": "email.bounced" }).to_string()).await.assert_status(204);
    assert_eq!(app.dump().text(), before);
}

const POSTMARK: &str = "/v1/mail-events/postmark";
const PASSWORD: &str = "a-long-password-of-ours";

fn postmark(config: &mut Config) {
    config.mail.provider = MailProviderKind::Postmark;
    config.mail.webhook_secret = Some(SecretString::from(format!("postmark:{PASSWORD}")));
}

fn four_an_hour(config: &mut Config) {
    config.limits.mail_events = Some(per(4, HOUR));
}

async fn post_to_postmark(app: &TestApp, password: &str) -> Answer {
    let request = app.request(Method::POST, POSTMARK).basic_auth("postmark", Some(password));
    send(request.json(&json!({ "RecordType": "Open" }))).await
}

/// Sends the beginning of a request, and returns what is answered before anything else is sent.
async fn begin(app: &TestApp, head: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", app.url.port().unwrap())).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = timeout(Duration::from_millis(300), stream.read(&mut answer)).await;
    answer.truncate(read.map_or(0, Result::unwrap));
    (stream, String::from_utf8(answer).unwrap())
}

/// A mail API that authenticates by HTTP Basic is known by the head alone; one that signs needs a claim there.
async fn wh_01_credentials_are_checked_before_the_body_is_sent(engine: Engine) {
    let app = TestApp::start_with(engine, postmark).await;
    let head = |path: &str, more: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n{more}\r\n"
        )
    };
    let basic = |password: &str| {
        let credentials = BASE64.encode(format!("postmark:{password}").as_bytes());
        format!("Authorization: Basic {credentials}\r\n")
    };
    for wrong in [String::new(), basic("another"), "Authorization: Bearer x\r\n".to_owned()] {
        let (_, answer) = begin(&app, &head(POSTMARK, &wrong)).await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{wrong}: {answer}");
    }
    let (_waits, answer) = begin(&app, &head(POSTMARK, &basic(PASSWORD))).await;
    assert_eq!(answer, "", "the body of an authentic call is waited for");
    let app = TestApp::start_with(engine, resend).await;
    let now = app.app.clock.now().and_utc().timestamp();
    let claim = |moment: i64| format!("svix-id: e\r\nsvix-timestamp: {moment}\r\nsvix-signature: v1,AAAA\r\n");
    for wrong in [String::new(), claim(now - 301), claim(now + 301), "svix-id: e\r\n".to_owned()] {
        let (_, answer) = begin(&app, &head(PATH, &wrong)).await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{wrong}: {answer}");
    }
    let (_waits, answer) = begin(&app, &head(PATH, &claim(now))).await;
    assert_eq!(answer, "", "the signature is made over the body");
}

async fn wh_01_a_401_names_the_scheme_that_is_asked_for(engine: Engine) {
    let basic = TestApp::start_with(engine, postmark).await;
    let signed = TestApp::start_with(engine, resend).await;
    let refused = post_to_postmark(&basic, "another").await;
    refused.assert_problem(401, "invalid-token");
    assert_eq!(refused.header("www-authenticate"), r#"Basic realm="stakis-identity""#);
    let refused = signed.post(PATH, json!({})).await;
    refused.assert_problem(401, "invalid-token");
    assert_eq!(refused.header("www-authenticate"), r#"Signature realm="stakis-identity""#);
}

async fn rl_01_forged_events_are_limited_by_source_and_authentic_ones_are_not(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        postmark(config);
        four_an_hour(config);
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    for _ in 0..4 {
        post_to_postmark(&app, "another").await.assert_problem(401, "invalid-token");
        post_to_postmark(&app, PASSWORD).await.assert_status(204);
    }
    for _ in 0..3 {
        post_to_postmark(&app, "another").await.assert_problem(429, "rate-limited");
        post_to_postmark(&app, PASSWORD).await.assert_status_with(204, "the right one always serves");
    }
    let elsewhere = app.request(Method::POST, POSTMARK).header("x-forwarded-for", "198.51.100.7");
    send(elsewhere.json(&json!({}))).await.assert_problem(401, "invalid-token");
    app.advance(TimeDelta::minutes(16));
    post_to_postmark(&app, "another").await.assert_problem(401, "invalid-token");
    post_to_postmark(&app, "another").await.assert_problem(429, "rate-limited");
    // A signed call is known by its body alone, so a source that was refused has to wait.
    let app = TestApp::start_with(engine, |config| {
        resend(config);
        four_an_hour(config);
    })
    .await;
    let now = app.app.clock.now().and_utc().timestamp().to_string();
    let forged = async || {
        let request = app.request(Method::POST, PATH).header("content-type", "application/json");
        let request = request.header("svix-id", "e").header("svix-timestamp", &now);
        send(request.header("svix-signature", "v1,AAAA").body("{}")).await
    };
    post(&app, "e1", event("email.delivered", "unknown")).await.assert_status(204);
    for _ in 0..4 {
        forged().await.assert_problem(401, "invalid-token");
    }
    forged().await.assert_problem(429, "rate-limited");
    post(&app, "e2", event("email.delivered", "unknown")).await.assert_problem(429, "rate-limited");
    app.advance(TimeDelta::minutes(16));
    post(&app, "e3", event("email.delivered", "unknown")).await.assert_status(204);
    assert_eq!(app.events("mail_delivery"), 0);
}

async fn lo_01_forged_events_are_in_the_trail_and_raise_an_alarm(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        postmark(config);
        four_an_hour(config);
    })
    .await;
    for _ in 0..12 {
        post_to_postmark(&app, "another").await;
    }
    let trail = |app: &TestApp| {
        let lines = app.audit().into_iter().filter(|line| line.actor == "mail API");
        lines.map(|line| [line.event, line.detail, line.source].join(" | ")).collect::<Vec<_>>()
    };
    let once = [
        "authn_login_fail | mail events: postmark | 127.0.0.0/24",
        "excess_rate_limit_exceeded | mail_events | 127.0.0.0/24",
    ];
    assert_eq!(trail(&app), once);
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="mail_events"}"#), 1);
    assert_eq!(app.counted(r#"stakis_rate_limited_total{limit="mail_events"}"#), 8);
    app.advance(TimeDelta::minutes(61));
    for _ in 0..12 {
        post_to_postmark(&app, "another").await;
    }
    assert_eq!(trail(&app).len(), 4);
    assert!(!app.dump().text().contains("another"));
}

/// Sixteen calls stand still in their bodies.
async fn ap_04_few_signed_bodies_are_read_at_once(engine: Engine) {
    let app = started(engine).await;
    let now = app.app.clock.now().and_utc().timestamp();
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\
         svix-id: e\r\nsvix-timestamp: {now}\r\nsvix-signature: v1,AAAA\r\n\r\n{{"
    );
    let mut standing = Vec::new();
    for _ in 0..16 {
        let mut stream = TcpStream::connect(("127.0.0.1", app.url.port().unwrap())).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        standing.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let waited = post(&app, "e1", event("email.delivered", "provider-1")).await;
    waited.assert_problem(503, "unavailable");
    assert_eq!(waited.header("retry-after"), "5");
    app.get("/readyz").await.assert_status_with(200, "other calls are served");
    standing.pop();
    post(&app, "e1", event("email.delivered", "provider-1")).await.assert_status(204);
    assert_eq!(delivery(&app), "delivered");
}

/// `PostgreSQL` stores no text with NUL.
async fn wh_04_an_event_that_cannot_be_stored_does_not_keep_the_others_out(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.mail.provider = MailProviderKind::Brevo;
        config.mail.webhook_secret = Some(SecretString::from("brevo:s3cret"));
    })
    .await;
    app.make(&Customer::ANA).await;
    let taken = wiremock::ResponseTemplate::new(201).set_body_json(json!({ "messageId": "<one@x>" }));
    app.mail_api.answer_with(taken).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    for (id, delivery) in [("<one@x>\u{0}", ""), ("\u{0}", ""), ("<one@x>", "bounced_hard")] {
        let event = json!({
            "event": "hard_bounce", "message-id": id, "ts_event": 1_795_352_403, "reason": "550 5.1.1 \u{0}",
            "tags": ["\u{0}", "a\u{0}b"],
        });
        let request = app.request(Method::POST, "/v1/mail-events/brevo").basic_auth("brevo", Some("s3cret"));
        send(request.json(&event)).await.assert_status(204);
        assert_eq!(app.mail_rows()[0].delivery, delivery, "{id:?}");
    }
}
