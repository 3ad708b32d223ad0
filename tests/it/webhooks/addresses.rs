//! Addresses that lead where no stranger may have the service call (server-side request forgery).

use reqwest::Method;
use serde_json::json;
use wiremock::ResponseTemplate;

use super::{
    owner::{Owner, deliver, start, tell},
    receiver::Receiver,
};
use crate::support::{Engine, TestApp, database_tests, engine_tests, execute, text};

database_tests![wh_07_addresses_that_lead_inside_are_refused_without_a_reason,];
engine_tests![
    wh_07_every_way_of_sending_checks_where_the_address_leads,
    wh_07_a_redirect_is_a_failure_and_is_not_followed,
];

/// The settings allow nothing but public addresses, as in production. Names that need a look-up are few, since each refusal of
/// one takes two seconds.
async fn wh_07_addresses_that_lead_inside_are_refused_without_a_reason(app: &TestApp) {
    let owner = Owner::of(app).await;
    for url in [
        "http://93.184.216.34/",
        "https://93.184.216.34/",
        "https://127.0.0.1/",
        "https://127.0.0.1:8443/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://0/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://user:password@example.com/",
        "https://localhost@example.com/",
        "https://identity.test/stakis",
        "https://example.com:80/",
        "https://example.com:8443/",
        "https://localhost/",
    ] {
        let answer = owner.create(json!({ "url": url })).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), ["#/url not_allowed"], "{url}");
        assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 1);
        assert!(!answer.text.contains(url), "{url} is repeated");
    }
    assert!(app.column("webhook_endpoints", "id").is_empty());
}

/// The addresses are changed in the table: names that led elsewhere when they were registered lead to this machine now.
async fn wh_07_every_way_of_sending_checks_where_the_address_leads(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    tell(&app, 1).await;
    let attempt = text(&owner.deliveries(&hook).await[0], "id").to_owned();
    let calls = receiver.all().await.len();
    let port = receiver.port();
    for url in [
        format!("https://localhost:{port}/"),
        "https://127.0.0.2/".to_owned(),
        format!("http://127.0.0.2:{port}/"),
        format!("http://[::1]:{port}/"),
        "https://no-such-name.invalid/".to_owned(),
        "https://169.254.169.254/".to_owned(),
    ] {
        let statement = format!(
            "UPDATE webhook_endpoints SET url = '{url}', paused_until = NULL, failing_since = NULL; \
             DELETE FROM webhook_deliveries; DELETE FROM webhook_attempts WHERE id <> '{attempt}'"
        );
        execute(&app.database.url, &statement).unwrap();
        let moved = json!({ "url": url, "description": "moved" });
        // The address is allowed to be the one that it is, but is not registered anew.
        let update = owner.call(Method::PATCH, &format!("/{}", hook.id), Some(moved)).await;
        if url.starts_with("https://localhost") {
            // `localhost` is 127.0.0.1, which these settings allow, over https too.
            update.assert_status(200);
            continue;
        }
        assert_eq!(update.field_errors(), ["#/url not_allowed"], "{url}");
        owner.post(&format!("/{}/test", hook.id)).await.assert_status(202);
        owner.post(&format!("/{}/deliveries/{attempt}/replay", hook.id)).await.assert_status(202);
        assert_eq!(tell(&app, 1).await, 3, "{url}");
        let all = owner.all_deliveries(&hook).await;
        let refused: Vec<_> = all.iter().filter(|one| one["id"] != attempt.as_str()).collect();
        assert_eq!(refused.len(), 3, "{url}");
        for one in refused {
            assert_eq!(one["outcome"], "not_allowed", "{url}: {one}");
            assert_eq!((&one["status"], &one["duration_ms"]), (&json!(null), &json!(null)), "{url}");
        }
    }
    assert_eq!(receiver.all().await.len(), calls);
}

async fn wh_07_a_redirect_is_a_failure_and_is_not_followed(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    let target = receiver.url("/inner");
    for status in [301, 302, 303, 307, 308] {
        receiver.answer("/", ResponseTemplate::new(status).insert_header("location", target.as_str()));
        app.advance(chrono::TimeDelta::minutes(2));
        execute(&app.database.url, "DELETE FROM webhook_deliveries").unwrap();
        tell(&app, 1).await;
        let last = owner.deliveries(&hook).await[0].clone();
        assert_eq!((&last["outcome"], &last["status"]), (&json!("redirected"), &json!(status)));
    }
    assert!(receiver.at("/inner").await.is_empty());
    // A test event is not followed either, and makes nothing active.
    let moved = json!({ "url": receiver.url("/moved") });
    owner.call(Method::PATCH, &format!("/{}", hook.id), Some(moved)).await.assert_status(200);
    receiver.answer("/moved", ResponseTemplate::new(302).insert_header("location", target.as_str()));
    owner.post(&format!("/{}/test", hook.id)).await.assert_status(202);
    deliver(&app).await;
    assert_eq!(owner.show(&hook).await["state"], "pending");
    assert!(receiver.at("/inner").await.is_empty());
}
