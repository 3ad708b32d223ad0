//! Known devices past their own limits, and tokens that no device has.

use stakis_identity::config::LimitsConfig;

use crate::support::{
    Customer, Engine, TestApp, engine_tests, execute,
    limited::{HOUR, number, per, with},
    text,
};

engine_tests![
    rl_04_a_device_past_its_own_count_fares_as_a_stranger_s,
    rl_04_a_device_that_signs_in_too_often_fares_as_a_stranger_s,
    rl_04_a_refused_source_reaches_no_table_with_a_made_up_token,
];

const WRONG: &str = "Ugibanje-26";

/// A thief of the device token cannot keep the owner's browser out.
async fn rl_04_a_device_past_its_own_count_fares_as_a_stranger_s(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let device = text(&session, "device_token");
    for _ in 0..5 {
        app.sign_in_from(device, Customer::ANA.number, WRONG).await.assert_problem(401, "invalid-credentials");
    }
    let answer = app.sign_in_from(device, Customer::ANA.number, Customer::ANA.password).await;
    answer.assert_status(201);
    assert_eq!(answer.json()["device_token"], session["device_token"], "it stays the same device");
    // The success clears the count of the device.
    for _ in 0..5 {
        app.sign_in_from(device, Customer::ANA.number, WRONG).await.assert_problem(401, "invalid-credentials");
    }
    assert_eq!(app.dump().counts()["sign_in_failures"], 2, "that of the device, and that of all devices");
    app.deliver_all().await;
}

async fn rl_04_a_device_that_signs_in_too_often_fares_as_a_stranger_s(engine: Engine) {
    let limits = LimitsConfig {
        sign_in_device: Some(per(3, HOUR)),
        sign_in_source: Some(per(2, HOUR)),
        ..LimitsConfig::default()
    };
    let app = with(engine, &limits).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let sign_in = async || {
        app.sign_in_from(text(&session, "device_token"), Customer::ANA.number, Customer::ANA.password).await
    };
    for _ in 0..4 {
        sign_in().await.assert_status(201);
    }
    sign_in().await.assert_problem(429, "rate-limited");
    app.deliver_all().await;
}

async fn rl_04_a_refused_source_reaches_no_table_with_a_made_up_token(engine: Engine) {
    let app = with(engine, &LimitsConfig { sign_in_source: Some(per(2, HOUR)), ..LimitsConfig::default() }).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let device = text(&session, "device_token");
    app.deliver_all().await;
    for _ in 0..2 {
        app.sign_in(&number(1), WRONG).await;
    }
    execute(&app.database.url, "ALTER TABLE devices RENAME TO hidden_devices").unwrap();
    for (token, number) in
        [("x", Customer::ANA.number), (&"A".repeat(43), Customer::ANA.number), (device, "118503")]
    {
        app.sign_in_from(token, number, WRONG).await.assert_problem(429, "rate-limited");
    }
    assert_ne!(app.sign_in_from(device, Customer::ANA.number, WRONG).await.status, 429, "this one is looked up");
    execute(&app.database.url, "ALTER TABLE hidden_devices RENAME TO devices").unwrap();
    let answer = app.sign_in_from(device, Customer::ANA.number, Customer::ANA.password).await;
    answer.assert_status(201);
}
