//! When an endpoint gets no more events, and how it gets them again.

use chrono::TimeDelta;
use serde_json::json;
use wiremock::ResponseTemplate;

use super::{
    owner::{Owner, deliver, start, tell},
    receiver::Receiver,
};
use crate::support::{Engine, engine_tests};

engine_tests![
    wh_08_an_endpoint_that_is_gone_is_disabled,
    wh_08_three_days_of_failures_disable_an_endpoint_with_an_alarm,
    wh_08_one_success_begins_the_three_days_anew,
    wh_08_an_endpoint_that_fails_is_tried_with_one_event_at_a_time,
];

async fn wh_08_an_endpoint_that_is_gone_is_disabled(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    receiver.answer("/", ResponseTemplate::new(410));
    tell(&app, 1).await;
    let shown = owner.show(&hook).await;
    assert_eq!((&shown["state"], &shown["disabled_reason"]), (&json!("disabled"), &json!("gone")));
    let calls = receiver.all().await.len();
    app.advance(TimeDelta::hours(1));
    assert_eq!(tell(&app, 3).await, 0);
    assert_eq!(receiver.all().await.len(), calls, "nothing more is sent");
    let told: Vec<String> = app
        .audit()
        .into_iter()
        .filter(|line| line.event == "webhook_endpoint_disabled")
        .map(|line| line.detail)
        .collect();
    assert_eq!(told, [format!("{}: gone", hook.id)]);
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="webhooks"}"#), 0, "its owner has said so");
    // A test makes it active again. What it has said 410 to is tried again; what happened meanwhile is not queued for it.
    receiver.answer("/", ResponseTemplate::new(200));
    owner.activate(&hook).await;
    assert_eq!(owner.show(&hook).await["disabled_reason"], json!(null));
    assert_eq!(receiver.all().await.len(), calls + 2);
    assert_eq!(tell(&app, 1).await, 1);
}

async fn wh_08_three_days_of_failures_disable_an_endpoint_with_an_alarm(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    receiver.answer("/", ResponseTemplate::new(500));
    for hour in 0..71 {
        tell(&app, 1).await;
        assert_eq!(owner.show(&hook).await["state"], "active", "after {hour} hours");
        app.advance(TimeDelta::hours(1));
    }
    for _ in 0..3 {
        app.advance(TimeDelta::hours(1));
        tell(&app, 1).await;
    }
    let shown = owner.show(&hook).await;
    assert_eq!((&shown["state"], &shown["disabled_reason"]), (&json!("disabled"), &json!("failing")));
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="webhooks"}"#), 1);
    assert!(app.counted(r#"stakis_webhooks_total{outcome="refused"}"#) > 20);
    let calls = receiver.all().await.len();
    app.advance(TimeDelta::hours(1));
    assert_eq!(tell(&app, 1).await, 0);
    assert_eq!(receiver.all().await.len(), calls);
}

async fn wh_08_one_success_begins_the_three_days_anew(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    for _ in 0..3 {
        receiver.answer("/", ResponseTemplate::new(500));
        tell(&app, 1).await;
        app.advance(TimeDelta::hours(60));
        tell(&app, 1).await;
        receiver.answer("/", ResponseTemplate::new(200));
        app.advance(TimeDelta::hours(11));
        assert!(tell(&app, 1).await > 0);
    }
    assert_eq!(owner.show(&hook).await["state"], "active");
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="webhooks"}"#), 0);
}

/// However many wait, one at a time is tried, with pauses that grow to a minute. The first success lets all others follow.
async fn wh_08_an_endpoint_that_fails_is_tried_with_one_event_at_a_time(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    receiver.answer("/", ResponseTemplate::new(500));
    assert_eq!(tell(&app, 100).await, 8, "those that were under way together");
    let mut attempts = 0;
    for _ in 0..20 {
        app.advance(TimeDelta::seconds(80));
        attempts += deliver(&app).await;
    }
    assert_eq!(attempts, 20);
    receiver.answer("/", ResponseTemplate::new(200));
    app.advance(TimeDelta::hours(2));
    assert_eq!(deliver(&app).await, 100);
    let outcomes = owner.outcomes(&hook).await;
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "delivered").count(), 100);
}
