//! Devices that a new password has ended, and the colleague whom nobody told.

use std::sync::Arc;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{identity, jobs, types::CustomerNumber};

use crate::support::{
    Capture, Customer, Engine, MailApi, ManualClock, TestApp, TestDatabase, administrator, base_config, column,
    database_tests, engine_tests,
    limited::{HOUR, per},
    send, text,
};

const NEW: &str = "Zimske-gume-27";
const WRONG: &str = "Napacno-geslo-1";
const UNKNOWN: &str = "999999";

database_tests![
    ow_09_a_colleague_who_was_not_told_throttles_nobody,
    ow_09_one_cap_over_all_former_devices_of_an_account,
    rl_04_a_former_device_past_its_count_fares_as_a_stranger_s,
    ow_09_a_former_device_has_no_lane,
    ow_09_with_the_new_password_a_former_device_is_known_again,
    ow_09_former_devices_are_forgotten_after_thirty_days,
    ow_09_an_account_has_twenty_former_devices_at_most,
    ow_09_another_account_s_former_device_is_a_stranger_s,
    ow_09_unlocking_clears_the_counts_of_former_devices,
];

engine_tests![ow_09_time_tells_nothing_of_a_former_device,];

/// Changes the password from a session of its own, and returns that session. Every other device becomes a former one.
async fn change(app: &TestApp, from: &str, to: &str) -> Value {
    let session = app.sign_in(Customer::ANA.number, from).await.json();
    let body = json!({ "current_password": from, "new_password": to, "new_password_confirmation": to });
    let answer = app.change(text(&session, "access_token"), body).await;
    answer.assert_status(200);
    answer.json()
}

/// Makes devices and ends them by a change of the password. Returns their tokens.
async fn former(app: &TestApp, count: usize) -> Vec<String> {
    let mut tokens = Vec::new();
    for _ in 0..count {
        tokens.push(text(&app.session(&Customer::ANA).await, "device_token").to_owned());
    }
    change(app, Customer::ANA.password, NEW).await;
    app.deliver_all().await;
    tokens
}

async fn fail_from(app: &TestApp, token: &str, times: usize) {
    for _ in 0..times {
        app.sign_in_from(token, Customer::ANA.number, WRONG).await.assert_problem(401, "invalid-credentials");
    }
}

fn subjects(app: &TestApp) -> Vec<String> {
    let all = column(&app.database.url, "sign_in_failures", "subject");
    let mut kinds: Vec<String> = all.iter().map(|subject| subject.split('/').next().unwrap().to_owned()).collect();
    kinds.sort();
    kinds
}

async fn ow_09_a_colleague_who_was_not_told_throttles_nobody(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = &former(app, 1).await[0];
    assert_eq!((app.dump().counts()["devices"], app.dump().counts()["former_devices"]), (1, 1));
    fail_from(app, token, 5).await;
    assert_eq!(subjects(app), ["former", "former-devices"]);
    // What strangers meet at the number has not moved.
    for _ in 0..5 {
        app.sign_in(Customer::ANA.number, WRONG).await.assert_problem(401, "invalid-credentials");
    }
    app.sign_in(Customer::ANA.number, NEW).await.assert_problem(429, "rate-limited");
    // The owner is not told that somebody guesses.
    app.advance(TimeDelta::hours(6));
    let session = app.sign_in(Customer::ANA.number, NEW).await.json();
    assert_eq!(session["password"]["change_recommended_reasons"], json!([]));
}

async fn ow_09_one_cap_over_all_former_devices_of_an_account(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let tokens = former(app, 6).await;
    for token in &tokens[..5] {
        fail_from(app, token, 4).await;
    }
    assert!(!subjects(app).contains(&"number".to_owned()));
    // From here on they count on the number.
    fail_from(app, &tokens[5], 5).await;
    app.sign_in_from(&tokens[5], Customer::ANA.number, WRONG).await.assert_problem(429, "rate-limited");
    app.sign_in(Customer::ANA.number, NEW).await.assert_problem(429, "rate-limited");
}

async fn rl_04_a_former_device_past_its_count_fares_as_a_stranger_s(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = &former(app, 1).await[0];
    fail_from(app, token, 10).await;
    let with = app.sign_in_from(token, Customer::ANA.number, WRONG).await;
    let without = app.sign_in(Customer::ANA.number, WRONG).await;
    with.assert_problem(429, "rate-limited");
    assert_eq!(with.comparable(), without.comparable());
    app.advance(TimeDelta::seconds(1));
    app.sign_in_from(token, Customer::ANA.number, NEW).await.assert_status(201);
    app.deliver_all().await;
}

async fn ow_09_a_former_device_has_no_lane(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = &former(app, 1).await[0];
    for _ in 0..5 {
        app.sign_in(Customer::ANA.number, WRONG).await.assert_status(401);
    }
    // It waits with strangers, and is not counted while it does.
    app.sign_in_from(token, Customer::ANA.number, NEW).await.assert_problem(429, "rate-limited");
    assert_eq!(subjects(app), ["number"]);
    // It gives no access.
    app.advance(TimeDelta::seconds(1));
    app.sign_in_from(token, Customer::ANA.number, Customer::ANA.password)
        .await
        .assert_problem(401, "invalid-credentials");
}

async fn ow_09_with_the_new_password_a_former_device_is_known_again(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let path = format!("/v1/sessions/{}", text(&session, "session_id"));
    let named = app.request(Method::PATCH, &path).bearer_auth(text(&session, "access_token"));
    send(named.json(&json!({ "name": "Pult 1" }))).await.assert_status(200);
    change(app, Customer::ANA.password, NEW).await;
    let old = text(&session, "device_token");
    fail_from(app, old, 3).await;
    let again = app.sign_in_from(old, Customer::ANA.number, NEW).await.json();
    let token = text(&again, "device_token");
    assert_ne!(token, old, "it is a new device");
    let counts = app.dump().counts();
    assert_eq!((counts["devices"], counts["former_devices"]), (2, 0));
    assert_eq!(subjects(app), ["former-devices"], "its own count is cleared");
    let list = app.call(Method::GET, "/v1/sessions", text(&again, "access_token")).await.json();
    let own = list["sessions"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    assert_eq!(own["name"], "Pult 1");
    // It is a known device from now on, and the token before is nobody's.
    for _ in 0..5 {
        app.sign_in(Customer::ANA.number, WRONG).await.assert_status(401);
    }
    app.sign_in_from(token, Customer::ANA.number, NEW).await.assert_status(201);
    app.sign_in_from(old, Customer::ANA.number, NEW).await.assert_problem(429, "rate-limited");
    app.deliver_all().await;
}

async fn ow_09_former_devices_are_forgotten_after_thirty_days(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = &former(app, 1).await[0];
    app.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
    jobs::keep_house(&app.app).await;
    fail_from(app, token, 1).await;
    assert_eq!(subjects(app), ["former", "former-devices"]);
    app.advance(TimeDelta::seconds(1));
    fail_from(app, token, 1).await;
    assert!(subjects(app).contains(&"number".to_owned()), "it is a stranger's now");
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["former_devices"], 0);
}

async fn ow_09_an_account_has_twenty_former_devices_at_most(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let first = former(app, 19).await;
    app.advance(TimeDelta::minutes(10));
    let session = app.sign_in(Customer::ANA.number, NEW).await.json();
    change(app, NEW, "Jesenske-gume-28").await;
    assert_eq!(app.dump().counts()["former_devices"], 20, "that of the first change, and the session's");
    fail_from(app, text(&session, "device_token"), 1).await;
    assert_eq!(subjects(app), ["former", "former-devices"]);
    assert_eq!(first.len(), 19);
    app.deliver_all().await;
}

async fn ow_09_another_account_s_former_device_is_a_stranger_s(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    let token = &former(app, 1).await[0];
    app.sign_in_from(token, Customer::BOJAN.number, WRONG).await.assert_status(401);
    assert_eq!(subjects(app), ["decoy", "number"]);
}

async fn ow_09_unlocking_clears_the_counts_of_former_devices(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = &former(app, 1).await[0];
    fail_from(app, token, 7).await;
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    identity::accounts::unlock(&app.app, &administrator(), number, None).await.unwrap();
    assert_eq!(subjects(app), [""; 0]);
}

/// A failed sign-in costs the same statements in the same order with a former device's token, with an unknown one, and at a
/// number without account (RQ-02).
async fn ow_09_time_tells_nothing_of_a_former_device(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let statements = Capture::of(&database);
    let mut config = base_config(&database);
    config.limits.sign_in_source = Some(per(1000, HOUR));
    let app = TestApp::start_on(database, config, Arc::new(ManualClock::new()), MailApi::start().await).await;
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    let token = former(&app, 1).await.remove(0);
    app.sign_in_from("unknown", "888888", WRONG).await.assert_status(401);
    let failing = async |token: &str, number: &str| {
        statements.take();
        app.sign_in_from(token, number, WRONG).await.assert_problem(401, "invalid-credentials");
        let run = statements.take();
        assert!(run.len() > 8, "{run:?}");
        run
    };
    for _ in 0..5 {
        let with_former = failing(&token, Customer::ANA.number).await;
        assert_eq!(with_former, failing(&"A".repeat(43), Customer::BOJAN.number).await);
        assert_eq!(with_former, failing(&"A".repeat(43), UNKNOWN).await);
    }
    // Past its own count it costs as many, and the refusal of a stranger costs the same too.
    app.advance(TimeDelta::minutes(15));
    let [known, unknown] = [Customer::BOJAN.number, UNKNOWN];
    fail_from(&app, &token, 1).await;
    let past = failing(&token, Customer::ANA.number).await;
    assert_eq!(past.len(), failing(&"A".repeat(43), known).await.len());
    let refused = async |token: &str, number: &str| {
        statements.take();
        app.sign_in_from(token, number, WRONG).await.assert_problem(429, "rate-limited");
        statements.take()
    };
    assert_eq!(refused(&"A".repeat(43), known).await, {
        app.sign_in_from(&"A".repeat(43), unknown, WRONG).await.assert_status(401);
        refused(&"A".repeat(43), unknown).await
    });
    // A stranger without any token pays for none of this.
    statements.take();
    app.sign_in("777777", WRONG).await.assert_status(401);
    let without = statements.take();
    assert!(without.iter().all(|statement| !statement.contains("former_devices")), "{without:?}");
    assert!(without.len() < past.len());
}
