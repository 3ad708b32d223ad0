//! The receivers of the guide "Receive webhooks", as they stand there, get events of the running service.

use std::sync::Arc;

use reqwest::Method;
use serde_json::json;
use stakis_identity::types::{AllowedTarget, UtcTime};

use super::owner::{Owner, deliver, tell};
use crate::{
    events::reader::Reader,
    support::{
        Body, Engine, MailApi, ManualClock, Need, TestApp, TestDatabase, base_config, engine_tests, test, text,
        webhook_receivers::{Keys, Language, Receiver},
    },
};

test!(
    wh_05_the_guides_typescript_receives_what_the_service_sends,
    [Need::TypeScript],
    Body::OnDatabases(&Engine::ALL, |engine| {
        Box::pin(wh_05_the_guides_typescript_receives_what_the_service_sends(engine))
    })
);

engine_tests![with "schemathesis": wh_05_the_guides_python_receives_what_the_service_sends,];

#[expect(clippy::disallowed_methods, reason = "the guide's code asks the machine's clock")]
fn now() -> UtcTime {
    chrono::Utc::now().naive_utc()
}

async fn start(engine: Engine) -> TestApp {
    let database = TestDatabase::migrated(engine);
    let mut config = base_config(&database);
    config.webhooks.allow = vec![AllowedTarget::parse("127.0.0.0/8:*").unwrap()];
    TestApp::start_on(database, config, Arc::new(ManualClock::at(now())), MailApi::start().await).await
}

/// One endpoint is verified by its secret, and one by its public keys. Each gets a test event, events, one more after the keys
/// were replaced, and a repetition.
async fn assert_receives(engine: Engine, language: Language) {
    let app = start(engine).await;
    let owner = Owner::of(&app).await;
    let reader = Reader::of(&app).await;
    for signature in ["v1", "v1a"] {
        let address = Receiver::free_address();
        let hook = owner.make(json!({ "url": format!("http://{address}/"), "signature": signature })).await;
        let secrets = [&*hook.secret];
        let published = Keys::Published { address: app.url.as_str().trim_end_matches('/'), endpoint_id: &hook.id };
        let keys = if signature == "v1" { Keys::Secrets(&secrets) } else { published };
        let receiver = Receiver::start(language, address, &keys).await;
        owner.activate(&hook).await;
        let before = reader.all().await.len();
        tell(&app, 2).await;
        owner.post(&format!("/{}/rotate-secret", hook.id)).await.assert_status(200);
        tell(&app, 1).await;
        let attempt = owner.deliveries(&hook).await.remove(0);
        let replay = format!("/{}/deliveries/{}/replay", hook.id, text(&attempt, "id"));
        owner.call(Method::POST, &replay, None).await.assert_status(202);
        assert_eq!(deliver(&app).await, 1);
        assert_eq!(owner.outcomes(&hook).await, ["delivered"; 4], "{signature}");
        let kept = receiver.inbox().await;
        let all = reader.all().await;
        let mut told: Vec<&str> = all[before..].iter().map(|event| text(event, "id")).collect();
        told.sort_unstable();
        assert_eq!(told.len(), 3);
        // The first one is the test event.
        // Deliveries may overtake each other.
        let mut once: Vec<&str> = kept.iter().skip(1).map(|(id, _)| &**id).collect();
        once.sort_unstable();
        assert_eq!(once, told, "{signature}: each once");
        for (id, body) in &kept {
            let event: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(text(&event, "id"), id);
        }
        owner.call(Method::DELETE, &format!("/{}", hook.id), None).await.assert_status(204);
    }
}

async fn wh_05_the_guides_typescript_receives_what_the_service_sends(engine: Engine) {
    assert_receives(engine, Language::TypeScript).await;
}

async fn wh_05_the_guides_python_receives_what_the_service_sends(engine: Engine) {
    assert_receives(engine, Language::Python).await;
}
