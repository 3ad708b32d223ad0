//! New passwords that rules about the account refuse: guesses at earlier passwords by whoever holds a link, a session or
//! a change token.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::{future::join_all, join};
use serde_json::{Value, json};
use stakis_identity::store::audit_events::Event;
use tokio::time;
use url::Url;

use crate::support::{Answer, Customer, Engine, TestApp, database_tests, engine_tests, send, text};

const NEW: &str = "Zimske-gume-27";

engine_tests![
    ch_11_guesses_at_once_through_a_link_end_with_the_first,
    ch_11_guesses_at_once_with_a_change_token_end_with_the_first,
    ch_11_whoever_hangs_up_keeps_no_owner_waiting,
];

database_tests![
    ch_11_refused_changes_count_and_are_in_the_trail,
    ch_11_refused_changes_with_a_change_token_count_too,
    ch_11_refusals_through_a_link_are_in_the_trail,
    ch_11_a_new_password_forgets_the_refused_ones,
];

/// Hashes that take long enough for other calls to arrive.
async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, |config| {
        config.argon2.memory_kib = 19_456;
        config.argon2.iterations = 2;
    })
    .await
}

fn form(new: &str) -> Value {
    json!({ "new_password": new, "new_password_confirmation": new })
}

/// Waits until a password is being hashed.
async fn until_hashing(app: &TestApp) {
    for _ in 0..10_000 {
        if app.app.hasher.pending() > 0 {
            return;
        }
        time::sleep(Duration::from_micros(500)).await;
    }
    panic!("nothing is hashed");
}

/// Calls both instances with the present password once the first call is being tried.
async fn guess_meanwhile(app: &TestApp, second: &Url, path: &str, bearer: &str, body: &Value) -> Vec<Answer> {
    until_hashing(app).await;
    join_all((0..8).map(|index| {
        let url = if index % 2 == 0 { &app.url } else { second };
        send(app.client.post(url.join(path).unwrap()).bearer_auth(bearer).json(body))
    }))
    .await
}

async fn ch_11_guesses_at_once_through_a_link_end_with_the_first(engine: Engine) {
    let app = start(engine).await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let mut guess = form(Customer::ANA.password);
    guess["token"] = token.as_str().into();
    guess["customer_number"] = Customer::ANA.number.into();
    let (second, _) = app.second_instance().await;
    let (first, others) = join!(
        app.complete(&token, Customer::ANA.number, NEW),
        guess_meanwhile(&app, &second, "/v1/password-resets/complete", "", &guess),
    );
    first.assert_status(200);
    for other in others {
        other.assert_link_unusable("used");
    }
    app.deliver_all().await;
}

async fn ch_11_guesses_at_once_with_a_change_token_end_with_the_first(engine: Engine) {
    let app = start(engine).await;
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(180));
    let expired = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
    let token = text(&expired, "change_token");
    let guess = form(Customer::ANA.password);
    let (second, _) = app.second_instance().await;
    let (first, others) =
        join!(app.change(token, form(NEW)), guess_meanwhile(&app, &second, "/v1/account/password", token, &guess));
    first.assert_status(200);
    for other in others {
        other.assert_problem(401, "invalid-token");
    }
    app.deliver_all().await;
}

async fn ch_11_whoever_hangs_up_keeps_no_owner_waiting(engine: Engine) {
    let app = start(engine).await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let guess = app.complete(&token, Customer::ANA.number, Customer::ANA.password);
    tokio::select! {
        answer = guess => panic!("the call should have been given up: {answer}"),
        () = until_hashing(&app) => {}
    }
    let (second, _) = app.second_instance().await;
    let mut body = form(NEW);
    body["token"] = token.as_str().into();
    body["customer_number"] = Customer::ANA.number.into();
    let url = second.join("/v1/password-resets/complete").unwrap();
    send(app.client.post(url).json(&body)).await.assert_status(200);
    app.deliver_all().await;
}

fn refusals_in_the_trail(app: &TestApp) -> usize {
    let name = Event::PasswordChangeFail.as_str();
    app.audit().iter().filter(|line| line.event == name && line.detail == "refused for the account").count()
}

async fn ch_11_refused_changes_count_and_are_in_the_trail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let mut same = form(Customer::ANA.password);
    same["current_password"] = Customer::ANA.password.into();
    let change = async || app.change(text(&session, "access_token"), same.clone()).await;
    for _ in 0..10 {
        assert_eq!(change().await.field_errors(), ["#/new_password same_as_current"]);
    }
    assert_eq!(refusals_in_the_trail(app), 10);
    for _ in 0..3 {
        change().await.assert_problem(429, "rate-limited");
    }
    assert_eq!(app.events("authn_login_fail_max"), 1);
    app.advance(TimeDelta::seconds(1));
    change().await.assert_problem(422, "validation-failed");
    change().await.assert_problem(429, "rate-limited");
    // The current password was right each time: the device has no failures.
    let device = text(&session, "device_token");
    app.sign_in_from(device, Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    app.deliver_all().await;
}

async fn ch_11_refused_changes_with_a_change_token_count_too(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(180));
    for _ in 0..2 {
        let expired = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
        for _ in 0..5 {
            let answer = app.change(text(&expired, "change_token"), form(Customer::ANA.password)).await;
            assert_eq!(answer.field_errors(), ["#/new_password same_as_current"]);
        }
    }
    // Another change token is no way round: the account is counted.
    let expired = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
    let answer = app.change(text(&expired, "change_token"), form(NEW)).await;
    answer.assert_problem(429, "rate-limited");
    assert_eq!(refusals_in_the_trail(app), 10);
    app.advance(TimeDelta::seconds(1));
    app.change(text(&expired, "change_token"), form(NEW)).await.assert_status(200);
    app.deliver_all().await;
}

async fn ch_11_refusals_through_a_link_are_in_the_trail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    for password in [Customer::ANA.password, "Delavnica7", "kratko", Customer::ANA.password] {
        app.complete(&token, Customer::ANA.number, password).await.assert_status(422);
    }
    assert_eq!(refusals_in_the_trail(app), 3, "that it is short tells nothing about the account");
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.deliver_all().await;
}

async fn ch_11_a_new_password_forgets_the_refused_ones(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let bearer = text(&session, "access_token");
    let change = |current: &str, new: &str| {
        let mut body = form(new);
        body["current_password"] = current.into();
        body
    };
    for _ in 0..9 {
        app.change(bearer, change(Customer::ANA.password, Customer::ANA.password)).await.assert_status(422);
    }
    let changed = app.change(bearer, change(Customer::ANA.password, NEW)).await.json();
    let bearer = text(&changed, "access_token");
    for _ in 0..9 {
        app.change(bearer, change(NEW, NEW)).await.assert_status(422);
    }
    app.deliver_all().await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, "Jesenske-gume-28").await.assert_status(200);
    assert_eq!(app.dump().counts()["sign_in_failures"], 0);
    app.deliver_all().await;
}
