//! The receivers of the guide "Receive webhooks" take requests that are signed as the guide says, each once, and no others.
//!
//! They run as they stand in the guide and get the same requests over HTTP, in every language whose tools are installed:
//! TypeScript where `STAKIS_TEST_TYPESCRIPT` names a compiler, Python, C# under Mono, Java with a JDK, PHP. The check of
//! Standard Webhooks that this service applies to Resend's events confirms that the requests are signed correctly. Of
//! the guide "Verify our tokens" TypeScript runs in another file, and this file checks the syntax of PHP. The C# and
//! Java of that guide need libraries from registries that the tests do not use.

use std::{fs, process::Command, sync::Arc};

use aws_lc_rs::hmac;
use data_encoding::BASE64;
use reqwest::{Client, Method};
use secrecy::SecretString;
use serde_json::{Value, json};
use stakis_identity::{
    config::MailProviderKind,
    crypto::{WebhookKeyPair, WebhookMessage, WebhookSecret},
    types::{EventId, UtcTime, WebhookEndpointId},
};
use tempfile::TempDir;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use crate::support::{
    Engine, MailApi, ManualClock, TestApp, TestDatabase, base_config,
    guides::code,
    plain_tests, program_tests, run_program, script_tests, send,
    webhook_receivers::{Keys, Language, Receiver},
};

plain_tests![wh_05_our_own_check_says_the_same_of_these_requests,];

script_tests![
    wh_05_the_guides_typescript_takes_what_we_sign_once_and_nothing_else,
    wh_05_the_guides_typescript_verifies_v1a_by_the_published_keys,
];

program_tests![
    "python3": wh_05_the_guides_python_takes_what_we_sign_once_and_nothing_else,
    "schemathesis": wh_05_the_guides_python_verifies_v1a_by_the_published_keys,
    "mcs": wh_05_the_guides_csharp_takes_what_we_sign_once_and_nothing_else,
    "javac": wh_05_the_guides_java_takes_what_we_sign_once_and_nothing_else,
    "php": wh_05_the_guides_php_takes_what_we_sign_once_and_nothing_else,
    "php": the_guides_php_can_be_read,
];

/// The secret of the reference vectors of Standard Webhooks, and an earlier one that was replaced.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const EARLIER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// A secret whose signatures are refused.
const OTHER: &str = "whsec_plJ3nmyCDGBKInavdOK15jsl2LaLaSw9";
/// The signature covers every byte, so the body has a line end and a character beyond ASCII.
const BODY: &str = "{\"type\":\"test\", \"timestamp\":\"2026-11-22T13:00:00Z\",\"note\":\"ž\"}\r\n";

/// The parts of a request, and whether it must be accepted.
struct Received {
    id: String,
    timestamp: String,
    signatures: String,
    body: String,
    good: bool,
}

#[expect(clippy::disallowed_methods, reason = "the guide's code asks the machine's clock")]
fn now() -> UtcTime {
    chrono::Utc::now().naive_utc()
}

fn sign(secret: &str, id: &str, timestamp: &str, body: &str) -> String {
    let key = BASE64.decode(secret.trim_start_matches("whsec_").as_bytes()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signature = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(signature.as_ref()))
}

/// Valid requests, and requests that somebody without the secret could send.
fn requests() -> Vec<Received> {
    let now = now().and_utc().timestamp();
    let moment = now.to_string();
    let good = sign(SECRET, "msg_1", &moment, BODY);
    let received = |good: bool, id: &str, timestamp: &str, signatures: &str, body: &str| Received {
        id: id.to_owned(),
        timestamp: timestamp.to_owned(),
        signatures: signatures.to_owned(),
        body: body.to_owned(),
        good,
    };
    let mut requests = vec![
        received(true, "msg_1", &moment, &good, BODY),
        received(true, "msg_1", &moment, &format!("{} {good}", sign(EARLIER, "msg_1", &moment, BODY)), BODY),
        received(true, "msg_1", &moment, &format!("v1,AAAA v1a,x v2,{} {good}", &good[3..]), BODY),
        received(false, "msg_1", &moment, &sign(OTHER, "msg_1", &moment, BODY), BODY),
        received(false, "msg_2", &moment, &good, BODY),
        received(false, "msg_1", &(now - 1).to_string(), &good, BODY),
        received(false, "msg_1", &moment, &good, BODY.trim_end()),
        received(false, "msg_1", &moment, &good, &BODY.replace(": \"", ":\"").replace(", ", ",")),
        received(false, "msg_1", &moment, &good, &BODY.replace("test", "tset")),
    ];
    for signatures in
        ["", "v1,", "v1,%", "v1", "v1,AAAA", &good[3..], &format!("v2,{}", &good[3..]), &good.to_lowercase()]
    {
        requests.push(received(false, "msg_1", &moment, signatures, BODY));
    }
    // Up to 300 seconds are allowed. Some of them pass while the programs start.
    for (age, is_good) in [(200, true), (-200, true), (400, false), (-400, false), (86_400, false)] {
        let moment = (now - age).to_string();
        requests.push(received(is_good, "msg_1", &moment, &sign(SECRET, "msg_1", &moment, BODY), BODY));
    }
    for moment in [format!("{now}.0"), format!("{now}x"), "x".to_owned(), "9".repeat(30)] {
        requests.push(received(false, "msg_1", &moment, &sign(SECRET, "msg_1", &moment, BODY), BODY));
    }
    requests
}

#[track_caller]
fn assert_verdicts(requests: &[Received], verdicts: &[bool]) {
    assert_eq!(requests.len(), verdicts.len());
    for (one, verdict) in requests.iter().zip(verdicts) {
        let Received { id, timestamp, signatures, body, good } = one;
        assert_eq!(good, verdict, "{id} {timestamp} {signatures} {body}");
    }
}

/// Posts a body with the headers of Standard Webhooks, and returns the status of the answer.
async fn post(receiver: &Receiver, headers: [(&str, &str); 3], body: &str) -> u16 {
    let client = Client::builder().no_proxy().build().unwrap();
    let request =
        headers.into_iter().fold(client.post(&receiver.url), |request, (name, value)| request.header(name, value));
    request.header("content-type", "application/json").body(body.to_owned()).send().await.unwrap().status().as_u16()
}

/// Both secrets are live, as while they change. All good requests but the last have the same id.
async fn assert_receiver(language: Language) {
    let receiver = Receiver::start(language, Receiver::free_address(), &Keys::Secrets(&[EARLIER, SECRET])).await;
    let mut requests = requests();
    let moment = now().and_utc().timestamp().to_string();
    let mut signed = |id: &str, body: &str, good| {
        let signatures = sign(SECRET, id, &moment, body);
        requests.push(Received {
            id: id.to_owned(),
            timestamp: moment.clone(),
            signatures,
            body: body.to_owned(),
            good,
        });
    };
    signed("msg_2", BODY, true);
    // One byte more than the guide's receivers take. They read it, so that the line is not cut before the answer.
    signed("msg_3", &"x".repeat(20_001), false);
    let mut verdicts = Vec::new();
    for Received { id, timestamp, signatures, body, .. } in &requests {
        let headers = [("webhook-id", &**id), ("webhook-timestamp", timestamp), ("webhook-signature", signatures)];
        let status = post(&receiver, headers, body).await;
        assert!([204, 401, 413].contains(&status), "{language:?}: {status}");
        assert_eq!(status == 413, body.len() > 20_000, "{language:?}");
        verdicts.push(status == 204);
    }
    assert_verdicts(&requests, &verdicts);
    assert!(requests.iter().filter(|one| one.good && one.id == "msg_1").count() > 3);
    let kept = ["msg_1", "msg_2"].map(|id| (id.to_owned(), BODY.to_owned()));
    assert_eq!(receiver.inbox().await, kept, "{language:?}: each event once");
}

/// The address of a service that publishes these keys. It expects to be asked for them once.
async fn publish(keys: &[(&WebhookEndpointId, &WebhookKeyPair)]) -> MockServer {
    let described = keys.iter().map(|(endpoint, pair)| {
        let mut jwk = serde_json::to_value(pair.public().jwk().unwrap()).unwrap();
        jwk["endpoint_id"] = json!(endpoint);
        jwk
    });
    let body = json!({ "keys": described.collect::<Vec<Value>>() });
    let server = MockServer::start().await;
    let path = matchers::path("/.well-known/webhook-keys.json");
    Mock::given(path).respond_with(ResponseTemplate::new(200).set_body_json(body)).expect(1).mount(&server).await;
    server
}

/// The receiver holds no secret. The endpoint has two pairs, as while they change; the third one belongs to another.
async fn assert_receiver_of_v1a(language: Language) {
    let [new, old, foreign] = [(); 3].map(|()| WebhookKeyPair::generate().unwrap());
    let (own, other) = (WebhookEndpointId::mint(), WebhookEndpointId::mint());
    let publisher = publish(&[(&own, &new), (&own, &old), (&other, &foreign)]).await;
    let keys = Keys::Published { address: &publisher.uri(), endpoint_id: own.as_str() };
    let receiver = Receiver::start(language, Receiver::free_address(), &keys).await;
    let secret = [WebhookSecret::generate()];
    let now = now().and_utc().timestamp();
    let changed = BODY.replace("test", "tesT");
    let mut expected = Vec::new();
    for (pairs, timestamp, sent, good) in [
        (vec![&new], now, BODY, true),
        (vec![&old], now - 200, BODY, true),
        (vec![&new, &old], now + 200, BODY, true),
        (vec![&foreign, &new], now, BODY, true),
        (vec![&foreign], now, BODY, false),
        (vec![], now, BODY, false),
        (vec![&new], now - 400, BODY, false),
        (vec![&new], now + 400, BODY, false),
        (vec![&new], now, &*changed, false),
    ] {
        let id = EventId::mint_event();
        let message = WebhookMessage { id: &id, timestamp, body: BODY.as_bytes() };
        let headers = message.headers(&secret, pairs);
        let status = post(&receiver, headers.each_ref().map(|(name, value)| (*name, &**value)), sent).await;
        assert_eq!(status, if good { 204 } else { 401 }, "{language:?}: {headers:?} {sent}");
        if good {
            expected.push((id.to_string(), sent.to_owned()));
        }
    }
    let (id, moment) = (EventId::mint_event().to_string(), now.to_string());
    for signatures in ["v1a,", "v1a,AAAA", "v1a,%", "v1a"] {
        let headers = [("webhook-id", &*id), ("webhook-timestamp", &moment), ("webhook-signature", signatures)];
        assert_eq!(post(&receiver, headers, BODY).await, 401, "{language:?}: {signatures}");
    }
    assert_eq!(receiver.inbox().await, expected, "{language:?}");
}

fn wh_05_our_own_check_says_the_same_of_these_requests() {
    crate::support::run(Box::pin(async {
        let database = TestDatabase::migrated(Engine::Sqlite);
        let mut config = base_config(&database);
        config.mail.provider = MailProviderKind::Resend;
        config.mail.webhook_secret = Some(SecretString::from(SECRET));
        let clock = Arc::new(ManualClock::at(now()));
        let app = TestApp::start_on(database, config, clock, MailApi::start().await).await;
        let requests = requests();
        let mut verdicts = Vec::new();
        for one in &requests {
            let request =
                app.request(Method::POST, "/v1/mail-events/resend").header("content-type", "application/json");
            let request = request.header("webhook-id", &one.id).header("webhook-timestamp", &one.timestamp);
            let request = request.header("webhook-signature", &one.signatures).body(one.body.clone());
            let status = send(request).await.status;
            assert!([204, 401].contains(&status), "{status}");
            verdicts.push(status == 204);
        }
        assert_verdicts(&requests, &verdicts);
    }));
}

async fn wh_05_the_guides_typescript_takes_what_we_sign_once_and_nothing_else() {
    assert_receiver(Language::TypeScript).await;
}

async fn wh_05_the_guides_python_takes_what_we_sign_once_and_nothing_else() {
    assert_receiver(Language::Python).await;
}

async fn wh_05_the_guides_csharp_takes_what_we_sign_once_and_nothing_else() {
    assert_receiver(Language::CSharp).await;
}

async fn wh_05_the_guides_java_takes_what_we_sign_once_and_nothing_else() {
    assert_receiver(Language::Java).await;
}

async fn wh_05_the_guides_php_takes_what_we_sign_once_and_nothing_else() {
    assert_receiver(Language::Php).await;
}

async fn wh_05_the_guides_typescript_verifies_v1a_by_the_published_keys() {
    assert_receiver_of_v1a(Language::TypeScript).await;
}

async fn wh_05_the_guides_python_verifies_v1a_by_the_published_keys() {
    assert_receiver_of_v1a(Language::Python).await;
}

async fn the_guides_php_can_be_read() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("tokens.php"), code("verify-our-tokens", "php")).unwrap();
    let mut command = Command::new("php");
    command.current_dir(folder.path()).args(["-l", "tokens.php"]);
    run_program(command, "").await;
}
