//! Calls without the proof of work that is asked for.

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::config::LimitsConfig;

use crate::support::{
    Engine, TestApp, engine_tests,
    limited::{HOUR, number, per},
    send,
};

engine_tests![
    rl_01_calls_without_a_proof_take_from_the_limits_of_their_source,
    rl_05_one_source_raises_the_difficulty_by_its_own_allowance_alone,
];

const WRONG: &str = "Ugibanje-26";

async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, |config| {
        config.limits = LimitsConfig {
            enforced: true,
            spray: Some(per(10, TimeDelta::minutes(10))),
            sign_in_source: Some(per(30, HOUR)),
            sign_in_numbers: Some(per(5, HOUR)),
            reset_source: Some(per(8, HOUR)),
            reset_surge: Some(per(10, TimeDelta::minutes(10))),
            ..LimitsConfig::default()
        };
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await
}

async fn sign_in_from(app: &TestApp, source: &str, number: &str) -> u16 {
    let body = json!({ "customer_number": number, "password": WRONG });
    let call = app.client.post(app.url.join("/v1/sessions").unwrap()).header("X-Forwarded-For", source);
    send(call.json(&body)).await.status
}

async fn ask_from(app: &TestApp, source: &str, number: &str) -> u16 {
    let call = app.client.post(app.url.join("/v1/password-resets").unwrap()).header("X-Forwarded-For", source);
    send(call.json(&json!({ "customer_number": number }))).await.status
}

async fn spray(app: &TestApp) {
    for index in 0..10 {
        assert_eq!(sign_in_from(app, &format!("198.51.{index}.7"), &number(index)).await, 401);
    }
}

async fn rl_01_calls_without_a_proof_take_from_the_limits_of_their_source(engine: Engine) {
    let app = start(engine).await;
    spray(&app).await;
    for index in 0..5 {
        assert_eq!(sign_in_from(&app, "203.0.113.9", &number(100 + index)).await, 403, "a proof is asked for");
    }
    assert_eq!(sign_in_from(&app, "203.0.113.9", &number(200)).await, 429, "too many numbers");
    for _ in 0..24 {
        assert_eq!(sign_in_from(&app, "203.0.113.9", &number(100)).await, 403);
    }
    assert_eq!(sign_in_from(&app, "203.0.113.9", &number(100)).await, 429, "too many calls");
    for index in 0..8 {
        assert_eq!(ask_from(&app, "203.0.113.9", &number(index)).await, 403, "resets have a limit of their own");
    }
    assert_eq!(ask_from(&app, "203.0.113.9", &number(0)).await, 429);
}

async fn rl_05_one_source_raises_the_difficulty_by_its_own_allowance_alone(engine: Engine) {
    let app = start(engine).await;
    spray(&app).await;
    let before = app.app.pressure.reading(app.app.clock.now());
    for index in 0..200 {
        sign_in_from(&app, "203.0.113.9", &number(1_000 + index)).await;
        ask_from(&app, "203.0.113.9", &number(1_000 + index)).await;
    }
    let after = app.app.pressure.reading(app.app.clock.now());
    assert_eq!(after.counts.failing, before.counts.failing + 5);
    assert_eq!(after.counts.asking, before.counts.asking + 8);
    assert_eq!(after.level, before.level);
    app.deliver_all().await;
}
