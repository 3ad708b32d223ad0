//! The limits of one source, one number and one mailbox.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use stakis_identity::{config::LimitsConfig, identity::Change};

use crate::support::{
    Answer, Customer, Engine, TestApp, administrator, engine_tests,
    limited::{HOUR, number, per, standard, walk_alarms, with},
    reason, send,
};

engine_tests![
    rl_01_a_source_s_reset_requests_are_limited_and_come_back,
    rl_05_a_walk_through_the_numbers_ends_after_ten_and_raises_one_alarm,
    rl_05_sign_ins_with_different_numbers_are_limited_by_source,
    rl_05_whoever_gets_in_is_not_one_of_many_numbers,
    rl_04_a_known_device_is_not_held_to_its_source_s_limits,
    rl_09_limits_hold_over_instances_and_a_restart,
    rl_09_ten_times_as_many_at_once_take_no_more_than_the_limit,
    rl_10_other_ways_to_write_an_address_meet_the_same_limit_or_nothing,
    rl_11_a_refusal_says_when_and_not_how_many,
    rq_01_every_limit_answers_the_same_for_every_number,
    tk_11_unknown_links_are_limited_by_source_and_cost_no_account_anything,
    rl_13_nothing_of_a_source_is_in_a_limit_s_row,
    lg_05_unlocking_clears_the_throttle_and_opens_nothing_closed,
    limits_off_turn_nobody_away,
];

async fn rl_01_a_source_s_reset_requests_are_limited_and_come_back(engine: Engine) {
    let app = with(engine, &LimitsConfig { reset_source: Some(per(3, HOUR)), ..LimitsConfig::default() }).await;
    for index in 0..3 {
        app.ask(&number(index)).await.assert_status(202);
    }
    for _ in 0..3 {
        app.ask(&number(4)).await.assert_problem(429, "rate-limited");
    }
    app.ask("no number").await.assert_problem(429, "rate-limited");
    app.advance(TimeDelta::minutes(21));
    app.ask(&number(4)).await.assert_status(202);
    app.ask(&number(5)).await.assert_problem(429, "rate-limited");
    // The audit trail has one entry an hour for the refusals to one source.
    let noted = |app: &TestApp| {
        let refused = app.audit().into_iter().filter(|line| line.event == "excess_rate_limit_exceeded");
        refused.map(|line| [line.detail, line.source]).collect::<Vec<_>>()
    };
    assert_eq!(noted(&app), [["reset", "127.0.0.0/24"]]);
    app.advance(TimeDelta::minutes(40));
    for index in 6..9 {
        app.ask(&number(index)).await;
    }
    assert_eq!(noted(&app).len(), 2);
    app.deliver_all().await;
}

async fn rl_05_a_walk_through_the_numbers_ends_after_ten_and_raises_one_alarm(engine: Engine) {
    let app = standard(engine).await;
    let statuses: Vec<u16> = {
        let mut statuses = Vec::new();
        for index in 0..100 {
            statuses.push(app.ask(&number(index)).await.status);
        }
        statuses
    };
    assert!(statuses[..10].iter().all(|status| *status == 202), "{statuses:?}");
    assert!(statuses[10..].iter().all(|status| *status == 429), "{statuses:?}");
    assert_eq!(walk_alarms(&app), 1);
    // A number that is among the ten may be asked for again, as soon as the source may ask at all.
    app.advance(TimeDelta::minutes(10));
    app.ask(&number(3)).await.assert_status(202);
    app.ask(&number(50)).await.assert_problem(429, "rate-limited");
    app.advance(TimeDelta::minutes(51));
    app.ask(&number(50)).await.assert_status(202);
    app.deliver_all().await;
}

async fn rl_05_sign_ins_with_different_numbers_are_limited_by_source(engine: Engine) {
    let app = standard(engine).await;
    for index in 0..20 {
        app.sign_in(&number(index), "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    }
    app.sign_in(&number(20), "Ugibanje-26").await.assert_problem(429, "rate-limited");
    app.sign_in(&number(0), "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    assert_eq!(walk_alarms(&app), 1);
}

async fn rl_05_whoever_gets_in_is_not_one_of_many_numbers(engine: Engine) {
    let app = with(engine, &LimitsConfig { sign_in_numbers: Some(per(3, HOUR)), ..LimitsConfig::default() }).await;
    let mut customers = Vec::new();
    for index in 0..8 {
        let (number, email) = (number(300 + index), format!("kupec{index}@example.si"));
        let customer = Customer { number: number.leak(), email: email.leak(), password: Customer::ANA.password };
        app.make(&customer).await;
        customers.push(customer);
    }
    let sign_in = async |customer: &Customer| app.sign_in(customer.number, customer.password).await;
    for customer in &customers {
        sign_in(customer).await.assert_status(201);
    }
    // An expired password that was typed correctly is no guess.
    app.advance(TimeDelta::days(180));
    for customer in &customers {
        sign_in(customer).await.assert_problem(403, "password-expired");
    }
    // A closed account does not make the right password a guess.
    for customer in &customers {
        app.close(customer).await;
        sign_in(customer).await.assert_problem(403, "account-closed");
    }
    assert_eq!(walk_alarms(&app), 0);
    for index in 0..3 {
        app.sign_in(&number(index), "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    }
    app.sign_in(&number(9), "Ugibanje-26").await.assert_problem(429, "rate-limited");
    app.deliver_all().await;
}

async fn rl_04_a_known_device_is_not_held_to_its_source_s_limits(engine: Engine) {
    let limits = LimitsConfig {
        sign_in_source: Some(per(2, HOUR)),
        sign_in_numbers: Some(per(2, HOUR)),
        ..LimitsConfig::default()
    };
    let app = with(engine, &limits).await;
    app.make(&Customer::ANA).await;
    let device = app.session(&Customer::ANA).await["device_token"].as_str().unwrap().to_owned();
    app.sign_in(&number(1), "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    for _ in 0..3 {
        app.sign_in(&number(2), "Ugibanje-26").await.assert_problem(429, "rate-limited");
    }
    app.sign_in("no number", "Ugibanje-26").await.assert_problem(429, "rate-limited");
    app.sign_in_from(&device, "no number", "Ugibanje-26").await.assert_problem(422, "validation-failed");
    let customer = Customer::ANA;
    for _ in 0..3 {
        app.sign_in_from(&device, customer.number, customer.password).await.assert_status(201);
    }
    // The device of another customer counts as unknown.
    app.sign_in_from(&device, &number(2), "Ugibanje-26").await.assert_problem(429, "rate-limited");
    app.deliver_all().await;
}

async fn rl_09_limits_hold_over_instances_and_a_restart(engine: Engine) {
    let app = with(engine, &LimitsConfig { reset_source: Some(per(4, HOUR)), ..LimitsConfig::default() }).await;
    let (second, _) = app.second_instance().await;
    for index in 0..4 {
        let url = if index % 2 == 0 { app.url.clone() } else { second.clone() };
        ask_at(&app, &url, &number(index)).await.assert_status(202);
    }
    app.ask(&number(5)).await.assert_problem(429, "rate-limited");
    ask_at(&app, &second, &number(5)).await.assert_problem(429, "rate-limited");
    // A new instance reads the counts from the database.
    let (third, _) = app.second_instance().await;
    ask_at(&app, &third, &number(5)).await.assert_problem(429, "rate-limited");
    app.deliver_all().await;
}

async fn ask_at(app: &TestApp, url: &url::Url, number: &str) -> Answer {
    let url = url.join("/v1/password-resets").unwrap();
    send(app.client.request(Method::POST, url).json(&json!({ "customer_number": number }))).await
}

async fn rl_09_ten_times_as_many_at_once_take_no_more_than_the_limit(engine: Engine) {
    let limits = LimitsConfig {
        reset_source: Some(per(40, HOUR)),
        reset_numbers: Some(per(7, HOUR)),
        ..LimitsConfig::default()
    };
    let app = with(engine, &limits).await;
    let (second, _) = app.second_instance().await;
    let all = (0..70).map(|index| {
        let (app, url) = (&app, if index % 2 == 0 { &app.url } else { &second });
        async move { ask_at(app, url, &number(index)).await.status }
    });
    let statuses = futures_util::future::join_all(all).await;
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 7, "{statuses:?}");
    assert!(statuses.iter().all(|status| [202, 429].contains(status)), "{statuses:?}");
    app.deliver_all().await;
}

async fn rl_10_other_ways_to_write_an_address_meet_the_same_limit_or_nothing(engine: Engine) {
    let app = with(engine, &LimitsConfig { reset_source: Some(per(1, HOUR)), ..LimitsConfig::default() }).await;
    let body = json!({ "customer_number": number(1) });
    app.post("/v1/password-resets", body.clone()).await.assert_status(202);
    for path in [
        "/v1/password-resets",
        "/v1//password-resets",
        "/v1/password-resets/",
        "/V1/Password-Resets",
        "/v1/password%2Dresets",
        "/v1/%70assword-resets",
        "/v1/./password-resets",
        "/v1/password-resets?x=1",
        "/v1/password-resets;x=1",
    ] {
        let charset = app.request(Method::POST, path).header("content-type", "application/json; charset=utf-8");
        for answer in [app.post(path, body.clone()).await, send(charset.body(body.to_string())).await] {
            assert!([404, 429].contains(&answer.status), "{path}: {}", answer.text);
        }
    }
    app.deliver_all().await;
}

async fn rl_11_a_refusal_says_when_and_not_how_many(engine: Engine) {
    let app = with(engine, &LimitsConfig { reset_source: Some(per(1, HOUR)), ..LimitsConfig::default() }).await;
    app.ask(&number(1)).await;
    app.advance(TimeDelta::seconds(7));
    let refused = app.ask(&number(1)).await;
    refused.assert_problem(429, "rate-limited");
    assert_eq!(refused.header("retry-after"), "3600");
    assert!(!refused.headers.keys().any(|name| name.as_str().starts_with("ratelimit")));
    assert!(!refused.text.contains("source") && !refused.text.contains("reset_"), "{}", refused.text);
    app.deliver_all().await;
}

/// The answers are compared up to the limit and past it.
async fn rq_01_every_limit_answers_the_same_for_every_number(engine: Engine) {
    let mut seen = Vec::new();
    for customer_number in [Customer::ANA.number, "999999"] {
        let limits = LimitsConfig {
            reset_source: Some(per(12, HOUR)),
            sign_in_source: Some(per(14, HOUR)),
            spray: None,
            ..LimitsConfig::standard()
        };
        let app = with(engine, &limits).await;
        app.make(&Customer::ANA).await;
        let mut answers = Vec::new();
        for step in 0..20 {
            answers.push(app.ask(customer_number).await.comparable());
            app.deliver_all().await;
            answers.push(app.sign_in(customer_number, "Ugibanje-26").await.comparable());
            answers.push(app.verify(&"x".repeat(43)).await.comparable());
            app.advance(TimeDelta::seconds(if step % 5 == 0 { 400 } else { 20 }));
        }
        let statuses: BTreeSet<u16> = answers.iter().map(|(status, ..)| *status).collect();
        assert_eq!(statuses, BTreeSet::from([202, 401, 410, 429]));
        seen.push(answers);
    }
    for (step, (known, unknown)) in seen[0].iter().zip(&seen[1]).enumerate() {
        assert_eq!(known, unknown, "answer {step}");
    }
}

async fn tk_11_unknown_links_are_limited_by_source_and_cost_no_account_anything(engine: Engine) {
    let app = with(
        engine,
        &LimitsConfig { unknown_tokens: Some(per(5, TimeDelta::minutes(10))), ..LimitsConfig::default() },
    )
    .await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let unknown = "x".repeat(43);
    for _ in 0..10 {
        app.verify(&token).await.assert_status_with(200, "a link that is one is not counted");
    }
    let dead = app.session(&Customer::ANA).await["refresh_token"].as_str().unwrap().to_owned();
    app.refresh(&dead).await;
    app.advance(TimeDelta::seconds(31));
    for _ in 0..10 {
        app.refresh(&dead).await.assert_problem(401, "invalid-token");
    }
    app.verify(&unknown).await.assert_link_unusable("unknown");
    app.complete(&unknown, Customer::ANA.number, "Zimske-gume-27").await.assert_link_unusable("unknown");
    app.withdraw(&unknown, Customer::ANA.number).await.assert_link_unusable("unknown");
    app.refresh(&unknown).await.assert_problem(401, "invalid-token");
    app.verify(&unknown).await.assert_link_unusable("unknown");
    app.verify(&unknown).await.assert_problem(429, "rate-limited");
    app.refresh(&unknown).await.assert_problem(429, "rate-limited");
    // A real link works even if others at the same address have tried many unknown ones.
    app.complete(&token, Customer::ANA.number, "Zimske-gume-27").await.assert_status(200);
    app.deliver_all().await;
    app.sign_in(Customer::ANA.number, "Zimske-gume-27").await.assert_status(201);
    app.deliver_all().await;
}

async fn rl_13_nothing_of_a_source_is_in_a_limit_s_row(engine: Engine) {
    let app = standard(engine).await;
    app.ask(&number(1)).await;
    app.sign_in(&number(1), "Ugibanje-26").await;
    app.verify("nothing").await;
    let dump = app.dump();
    for table in ["rate_limits", "tried_numbers"] {
        let rows = dump.rows(table);
        assert!(!rows.is_empty());
        assert!(rows.iter().all(|row| !row.contains("127.0.0")), "{rows:?}");
    }
    app.deliver_all().await;
}

async fn lg_05_unlocking_clears_the_throttle_and_opens_nothing_closed(engine: Engine) {
    let app = standard(engine).await;
    app.make(&Customer::ANA).await;
    for _ in 0..6 {
        app.sign_in(Customer::ANA.number, "Ugibanje-26").await;
    }
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(429, "rate-limited");
    let unlock = async || {
        let number = stakis_identity::types::CustomerNumber::parse(Customer::ANA.number).unwrap();
        stakis_identity::identity::accounts::unlock(&app.app, &administrator(), number, reason("called"))
            .await
            .unwrap()
    };
    assert_eq!(unlock().await, Change::Changed);
    assert_eq!(unlock().await, Change::Unchanged);
    assert_eq!(app.events("authn_login_unlocked"), 1);
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    app.close(&Customer::ANA).await;
    unlock().await;
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(403, "account-closed");
    app.deliver_all().await;
}

async fn limits_off_turn_nobody_away(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.limits = LimitsConfig::default()).await;
    for index in 0..40 {
        app.ask(&number(index)).await.assert_status(202);
    }
    for _ in 0..8 {
        app.sign_in(&number(1), "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    }
    app.deliver_all().await;
}
