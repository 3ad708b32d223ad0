//! A number whose account was removed and made again: nothing of the earlier owner reaches the next one.

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::config::LimitsConfig;

use crate::support::{
    Customer, Engine, TestApp, database_tests,
    diagnosis::{codes, diagnosis, events},
    engine_tests, execute,
    limited::with,
    text,
};

const WRONG: &str = "Napacno-geslo-1";

database_tests![
    dp_05_a_number_made_again_inherits_no_count_of_devices,
    dp_05_a_diagnosis_tells_nothing_from_before_the_account,
    dp_05_no_change_is_recommended_for_failures_from_before,
    lg_05_what_strangers_meet_stays_with_the_number,
];
engine_tests![dp_05_a_number_made_again_inherits_no_budget_of_mails];

/// Removes every account, and makes Ana's again a minute later.
async fn make_again(app: &TestApp) {
    app.deliver_all().await;
    execute(
        &app.database.url,
        "UPDATE mails SET account_id = NULL, session_id = NULL;
         UPDATE reset_links SET account_id = NULL;
         DELETE FROM refresh_tokens;
         DELETE FROM sessions;
         DELETE FROM devices;
         DELETE FROM password_history;
         DELETE FROM accounts",
    )
    .unwrap();
    app.advance(TimeDelta::minutes(1));
    app.make(&Customer::ANA).await;
}

async fn fail(app: &TestApp, times: usize) {
    for _ in 0..times {
        app.sign_in(Customer::ANA.number, WRONG).await.assert_problem(401, "invalid-credentials");
        app.advance(TimeDelta::minutes(15));
    }
}

/// Neither the cool-down, nor the caps, nor the address's share of them.
async fn dp_05_a_number_made_again_inherits_no_budget_of_mails(engine: Engine) {
    let LimitsConfig { reset_mails, reset_mails_address, .. } = LimitsConfig::standard();
    let app = with(engine, &LimitsConfig { reset_mails, reset_mails_address, ..LimitsConfig::default() }).await;
    app.make(&Customer::ANA).await;
    for _ in 0..3 {
        app.token_for(&Customer::ANA).await;
        app.advance(TimeDelta::minutes(5));
    }
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 3);
    make_again(&app).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, "Zimske-gume-27").await.assert_status(200);
    app.deliver_all().await;
}

async fn dp_05_a_number_made_again_inherits_no_count_of_devices(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let known = app.session(&Customer::ANA).await;
    for _ in 0..5 {
        let wrong = app.sign_in_from(text(&known, "device_token"), Customer::ANA.number, WRONG).await;
        wrong.assert_problem(401, "invalid-credentials");
    }
    make_again(app).await;
    let renewed = app.session(&Customer::ANA).await;
    for _ in 0..4 {
        let wrong = app.sign_in_from(text(&renewed, "device_token"), Customer::ANA.number, WRONG).await;
        wrong.assert_problem(401, "invalid-credentials");
    }
    let right =
        app.sign_in_from(text(&renewed, "device_token"), Customer::ANA.number, Customer::ANA.password).await;
    right.assert_status(201);
}

async fn dp_05_a_diagnosis_tells_nothing_from_before_the_account(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.token_for(&Customer::ANA).await;
    for _ in 0..3 {
        app.ask(Customer::ANA.number).await.assert_status(202);
    }
    app.deliver_all().await;
    fail(app, 6).await;
    app.advance(TimeDelta::minutes(10));
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    app.ask(Customer::ANA.number).await.assert_status(202);
    make_again(app).await;
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis), ["no_request_received"]);
    assert_eq!(events(&diagnosis), [""; 0]);
}

async fn dp_05_no_change_is_recommended_for_failures_from_before(app: &TestApp) {
    fail(app, 12).await;
    make_again(app).await;
    let first = app.session(&Customer::ANA).await;
    assert_eq!(first["password"]["change_recommended_reasons"], json!([]));
    // These are this owner's to know.
    fail(app, 9).await;
    let some = app.session(&Customer::ANA).await;
    assert_eq!(some["password"]["change_recommended_reasons"], json!([]));
    fail(app, 1).await;
    let many = app.session(&Customer::ANA).await;
    assert_eq!(many["password"]["change_recommended_reasons"], json!(["many_failures"]));
    // Those from before fade as the count of the number does.
    app.advance(TimeDelta::hours(12));
    let still = app.session(&Customer::ANA).await;
    assert_eq!(still["password"]["change_recommended_reasons"], json!(["many_failures"]));
    app.deliver_all().await;
}

async fn lg_05_what_strangers_meet_stays_with_the_number(app: &TestApp) {
    app.make(&Customer::ANA).await;
    fail(app, 20).await;
    app.sign_in(Customer::ANA.number, WRONG).await.assert_problem(401, "invalid-credentials");
    let before = app.sign_in(Customer::ANA.number, WRONG).await;
    before.assert_problem(429, "rate-limited");
    make_again(app).await;
    let after = app.sign_in(Customer::ANA.number, WRONG).await;
    assert_eq!(after.comparable(), before.comparable());
}
