//! Known devices, and the delays that slow strangers down without locking the owner out.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::jobs;
use tokio::time;

use crate::support::{Answer, Customer, Engine, TestApp, database_tests, engine_tests, execute, send, text};

const NEW: &str = "Zimske-gume-27";
const WRONG: &str = "Napacno-geslo-1";
const UNKNOWN: &str = "999999";
const PETER: Customer = Customer { number: "100001", email: "peter@example.si", password: "Poletne-gume-26" };

pub(super) async fn sign_in_with(app: &TestApp, user_agent: &str) -> Answer {
    let form = json!({ "customer_number": Customer::ANA.number, "password": Customer::ANA.password });
    send(app.request(Method::POST, "/v1/sessions").header("user-agent", user_agent).json(&form)).await
}

async fn fail(app: &TestApp, number: &str, times: usize) {
    for _ in 0..times {
        app.sign_in(number, WRONG).await.assert_problem(401, "invalid-credentials");
    }
}

database_tests![
    rl_02_the_limit_counts_the_number_as_submitted,
    rl_03_delays_grow_and_pass_with_time,
    rl_03_a_hundred_failures_leave_the_reset_as_the_way_in,
    lg_03_fifty_guesses_at_once_over_two_instances_and_five_are_looked_at,
    lg_04_a_device_token_of_another_account_is_a_stranger_s,
    lg_05_the_owner_s_success_does_not_show_to_strangers,
    lg_05_a_success_clears_the_failures_of_its_device_only,
    rl_04_the_owner_gets_in_while_strangers_are_throttled,
    rl_04_a_reset_hands_out_a_device_token_that_gets_in,
    rl_04_twenty_devices_are_remembered_for_half_a_year,
    rl_04_one_cap_over_all_devices_of_an_account,
    rl_04_a_reset_leads_in_past_a_device_that_was_used_against_its_owner,
    rl_04_a_session_whose_device_was_forgotten_crowds_out_no_other,
    the_same_device_signing_in_many_times_at_once_is_never_in_its_own_way,
    change_is_recommended_after_many_devices_and_many_failures,
    what_is_counted_is_forgotten,
];

async fn rl_02_the_limit_counts_the_number_as_submitted(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut answers = Vec::new();
    for number in [Customer::ANA.number, UNKNOWN] {
        fail(app, number, 5).await;
        answers.push(app.sign_in(number, WRONG).await);
    }
    answers[0].assert_problem(429, "rate-limited");
    assert_eq!(answers[0].comparable(), answers[1].comparable());
    assert_eq!(answers[0].header("retry-after"), "1");
    // The delay does not affect any other number.
    app.sign_in(PETER.number, WRONG).await.assert_problem(401, "invalid-credentials");
}

async fn rl_03_delays_grow_and_pass_with_time(app: &TestApp) {
    app.make(&Customer::ANA).await;
    fail(app, Customer::ANA.number, 5).await;
    for (exponent, told) in [(0, "1"), (1, "2"), (2, "5"), (3, "15"), (4, "60")] {
        let answer = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
        answer.assert_problem(429, "rate-limited");
        assert_eq!(answer.header("retry-after"), told);
        app.advance(TimeDelta::seconds(2_i64.pow(exponent)));
        fail(app, Customer::ANA.number, 1).await;
    }
    app.advance(TimeDelta::minutes(15));
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    assert_eq!(app.events("authn_login_fail_max"), 5, "one for each time strangers were turned away");
}

async fn rl_03_a_hundred_failures_leave_the_reset_as_the_way_in(app: &TestApp) {
    app.make(&Customer::ANA).await;
    fail(app, Customer::ANA.number, 5).await;
    for _ in 5..100 {
        app.advance(TimeDelta::minutes(15));
        fail(app, Customer::ANA.number, 1).await;
    }
    app.advance(TimeDelta::hours(23));
    let answer = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    answer.assert_problem(429, "rate-limited");
    assert_eq!(answer.header("retry-after"), "3600");
    let token = app.token_for(&Customer::ANA).await;
    let completed = app.complete(&token, Customer::ANA.number, NEW).await.json();
    let signed_in = app.sign_in_from(text(&completed, "device_token"), Customer::ANA.number, NEW).await;
    signed_in.assert_status(201);
    app.sign_in(Customer::ANA.number, NEW).await.assert_problem(429, "rate-limited");
    app.advance(TimeDelta::hours(1));
    app.sign_in(Customer::ANA.number, NEW).await.assert_status_with(201, "nobody has to lift it");
    app.deliver_all().await;
}

async fn lg_03_fifty_guesses_at_once_over_two_instances_and_five_are_looked_at(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let (second, _) = app.second_instance().await;
    for number in [Customer::ANA.number, UNKNOWN] {
        let body = json!({ "customer_number": number, "password": WRONG });
        let calls = (0..50).map(|index| {
            let url = if index % 2 == 0 { &app.url } else { &second };
            send(app.client.post(url.join("/v1/sessions").unwrap()).json(&body))
        });
        let answers = join_all(calls).await;
        let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(401), count(429)), (5, 45), "{number}");
    }
}

async fn lg_04_a_device_token_of_another_account_is_a_stranger_s(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&PETER).await;
    let peter = app.session(&PETER).await;
    fail(app, Customer::ANA.number, 5).await;
    for token in [text(&peter, "device_token"), text(&peter, "refresh_token"), "", "x"] {
        app.sign_in_from(token, Customer::ANA.number, Customer::ANA.password)
            .await
            .assert_problem(429, "rate-limited");
    }
    app.sign_in(PETER.number, PETER.password).await.assert_status(201);
}

async fn lg_05_the_owner_s_success_does_not_show_to_strangers(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let owner = app.session(&Customer::ANA).await;
    fail(app, Customer::ANA.number, 5).await;
    let before = app.sign_in(Customer::ANA.number, WRONG).await;
    before.assert_problem(429, "rate-limited");
    let known = app.sign_in_from(text(&owner, "device_token"), Customer::ANA.number, Customer::ANA.password).await;
    known.assert_status(201);
    assert_eq!(app.sign_in(Customer::ANA.number, WRONG).await.comparable(), before.comparable());
    // A sign-in from an unknown device, in a gap between the delays, does not show either.
    app.advance(TimeDelta::seconds(1));
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    fail(app, Customer::ANA.number, 1).await;
    let after = app.sign_in(Customer::ANA.number, WRONG).await;
    assert_eq!(after.header("retry-after"), "2", "the sixth failure, as if the success had not been");
}

async fn lg_05_a_success_clears_the_failures_of_its_device_only(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let [first, second] = [app.session(&Customer::ANA).await, app.session(&Customer::ANA).await];
    let sign_in = async |session: &Value, password: &str| {
        app.sign_in_from(text(session, "device_token"), Customer::ANA.number, password).await.status
    };
    for session in [&first, &second] {
        for _ in 0..4 {
            assert_eq!(sign_in(session, WRONG).await, 401);
        }
    }
    assert_eq!(sign_in(&first, Customer::ANA.password).await, 201);
    // Past its own count the device meets that of strangers.
    for status in [401, 401, 401, 401, 401].into_iter().chain([401; 5]).chain([429]) {
        assert_eq!(sign_in(&first, WRONG).await, status);
    }
    assert_eq!(sign_in(&second, WRONG).await, 401, "the fifth");
    assert_eq!(sign_in(&second, Customer::ANA.password).await, 429, "strangers have to wait too");
}

async fn rl_04_the_owner_gets_in_while_strangers_are_throttled(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let owner = app.session(&Customer::ANA).await;
    fail(app, Customer::ANA.number, 5).await;
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(429, "rate-limited");
    let body =
        app.sign_in_from(text(&owner, "device_token"), Customer::ANA.number, Customer::ANA.password).await.json();
    assert_eq!(body["device_token"], owner["device_token"], "the presented one is used again");
    assert_eq!(app.dump().counts()["devices"], 1);
    app.refresh(text(&body, "refresh_token")).await.assert_status_with(200, "refreshing is no attempt");
}

async fn rl_04_a_reset_hands_out_a_device_token_that_gets_in(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let before = app.session(&Customer::ANA).await;
    fail(app, Customer::ANA.number, 5).await;
    let token = app.token_for(&Customer::ANA).await;
    let completed = app.complete(&token, Customer::ANA.number, NEW).await.json();
    app.sign_in(Customer::ANA.number, NEW).await.assert_problem(429, "rate-limited");
    app.sign_in_from(text(&before, "device_token"), Customer::ANA.number, NEW)
        .await
        .assert_problem(429, "rate-limited");
    let signed_in = app.sign_in_from(text(&completed, "device_token"), Customer::ANA.number, NEW).await;
    signed_in.assert_status(201);
    app.deliver_all().await;
}

async fn rl_04_twenty_devices_are_remembered_for_half_a_year(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut tokens = Vec::new();
    for _ in 0..21 {
        tokens.push(text(&app.session(&Customer::ANA).await, "device_token").to_owned());
        app.advance(TimeDelta::seconds(1));
    }
    assert_eq!(app.dump().counts()["devices"], 20);
    let sign_in = async |token: &str| {
        let answer = app.sign_in_from(token, Customer::ANA.number, Customer::ANA.password).await;
        text(&answer.json(), "device_token").to_owned()
    };
    assert_eq!(sign_in(&tokens[1]).await, tokens[1]);
    assert_ne!(sign_in(&tokens[0]).await, tokens[0], "the one unused for longest was forgotten");
    app.advance(TimeDelta::days(179));
    assert_eq!(sign_in(&tokens[20]).await, tokens[20]);
    app.advance(TimeDelta::days(1));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["devices"], 1);
    app.deliver_all().await;
}

async fn rl_04_one_cap_over_all_devices_of_an_account(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut devices = Vec::new();
    for _ in 0..6 {
        devices.push(text(&app.session(&Customer::ANA).await, "device_token").to_owned());
    }
    for device in &devices[..5] {
        for _ in 0..4 {
            app.sign_in_from(device, Customer::ANA.number, WRONG).await.assert_status(401);
        }
    }
    // From here on a known device counts as an unknown one, and is treated no worse.
    for status in [401, 401, 401, 401, 401, 429] {
        app.sign_in_from(&devices[5], Customer::ANA.number, WRONG).await.assert_status(status);
    }
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(429, "rate-limited");
    app.advance(TimeDelta::seconds(1));
    app.sign_in_from(&devices[5], Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
}

async fn rl_04_a_reset_leads_in_past_a_device_that_was_used_against_its_owner(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let colleague = app.session(&Customer::ANA).await;
    for _ in 0..110 {
        app.sign_in_from(text(&colleague, "device_token"), Customer::ANA.number, WRONG).await;
        app.sign_in(Customer::ANA.number, WRONG).await;
        app.advance(TimeDelta::minutes(15));
    }
    let token = app.token_for(&Customer::ANA).await;
    let completed = app.complete(&token, Customer::ANA.number, NEW).await.json();
    let signed_in = app.sign_in_from(text(&completed, "device_token"), Customer::ANA.number, NEW).await;
    signed_in.assert_status(201);
    app.deliver_all().await;
}

async fn rl_04_a_session_whose_device_was_forgotten_crowds_out_no_other(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut oldest = app.session(&Customer::ANA).await;
    for _ in 0..20 {
        app.advance(TimeDelta::seconds(1));
        app.session(&Customer::ANA).await;
    }
    let known = app.session(&Customer::ANA).await;
    for _ in 0..25 {
        app.advance(TimeDelta::seconds(1));
        oldest = app.refresh(text(&oldest, "refresh_token")).await.json();
    }
    let again = app.sign_in_from(text(&known, "device_token"), Customer::ANA.number, Customer::ANA.password).await;
    assert_eq!(again.json()["device_token"], known["device_token"]);
    app.deliver_all().await;
}

async fn the_same_device_signing_in_many_times_at_once_is_never_in_its_own_way(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let owner = app.session(&Customer::ANA).await;
    let (second, _) = app.second_instance().await;
    for _ in 0..4 {
        let calls = (0..4).map(|index| {
            let url = if index % 2 == 0 { &app.url } else { &second };
            let body = json!({
                "customer_number": Customer::ANA.number,
                "password": Customer::ANA.password,
                "device_token": owner["device_token"],
            });
            send(app.client.post(url.join("/v1/sessions").unwrap()).json(&body))
        });
        for answer in join_all(calls).await {
            answer.assert_status(201);
        }
    }
    assert_eq!(app.dump().counts()["sign_in_failures"], 0, "nothing is left counted");
}

async fn change_is_recommended_after_many_devices_and_many_failures(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut body = Value::Null;
    for user_agent in ["Firefox/1 Windows", "Edg Windows", "Chrome/1 Android", "Safari/1 iPhone", "OPR/1 Linux"] {
        body = sign_in_with(app, user_agent).await.json();
    }
    assert_eq!(body["password"]["change_recommended"], false);
    let sixth = sign_in_with(app, "Vivaldi/1 Linux").await.json();
    assert_eq!(sixth["password"]["change_recommended_reasons"], json!(["many_devices"]));
    for _ in 0..10 {
        app.sign_in(Customer::ANA.number, WRONG).await.assert_problem(401, "invalid-credentials");
        app.advance(TimeDelta::seconds(40));
    }
    let account = app.account(text(&sixth, "access_token")).await.json();
    assert_eq!(account["password"]["change_recommended_reasons"], json!(["many_devices", "many_failures"]));
    let seventh = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
    assert_eq!(seventh["password"], account["password"], "the owner is told at once");
    app.deliver_all().await;
}

async fn what_is_counted_is_forgotten(app: &TestApp) {
    app.make(&Customer::ANA).await;
    fail(app, Customer::ANA.number, 4).await;
    app.advance(TimeDelta::hours(2));
    fail(app, Customer::ANA.number, 3).await;
    app.sign_in(Customer::ANA.number, WRONG).await.assert_problem(429, "rate-limited");
    app.advance(TimeDelta::hours(128));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["sign_in_failures"], 0);
}

async fn rl_04_a_device_forgotten_during_its_sign_in_is_remembered_again(engine: Engine) {
    // The hash is slow enough for another request to come in between.
    let app = TestApp::start_with(engine, |config| {
        config.argon2.memory_kib = 65_536;
        config.argon2.iterations = 3;
    })
    .await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let customer = Customer::ANA;
    let signing_in = app.sign_in_from(text(&session, "device_token"), customer.number, customer.password);
    let forgetting = async {
        while app.app.hasher.pending() == 0 {
            time::sleep(Duration::from_millis(1)).await;
        }
        execute(&app.database.url, "DELETE FROM devices").unwrap();
    };
    let (answer, ()) = tokio::join!(signing_in, forgetting);
    answer.assert_status(201);
    let renewed = answer.json();
    assert_ne!(renewed["device_token"], session["device_token"]);
    let again = app.sign_in_from(text(&renewed, "device_token"), customer.number, customer.password).await.json();
    assert_eq!(again["device_token"], renewed["device_token"], "its owner is no stranger");
    app.deliver_all().await;
}

engine_tests![
    limits_can_be_switched_off_for_load_tests,
    rl_04_a_device_forgotten_during_its_sign_in_is_remembered_again,
];

async fn limits_can_be_switched_off_for_load_tests(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.limits.enforced = false).await;
    app.make(&Customer::ANA).await;
    fail(&app, Customer::ANA.number, 12).await;
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    assert_eq!(app.dump().counts()["sign_in_failures"], 0);
}
