//! What one source, one number and one mailbox may do how often.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use stakis_identity::{
    config::{Limit, LimitsConfig},
    types::Locale,
};

use crate::support::{Answer, Customer, Engine, TestApp, administrator, engine_tests, rows_of, send};
use stakis_identity::identity::Change;

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
    rq_01_up_to_and_past_every_limit_the_answers_are_the_same_for_every_number,
    tk_11_unknown_links_are_limited_by_source_and_cost_no_account_anything,
    rl_08_three_mails_an_hour_and_six_a_day,
    rl_08_the_mail_that_uses_the_budget_up_carries_a_link_until_the_next_may_go,
    rl_08_numbers_that_share_an_address_share_its_budget,
    rl_08_beyond_the_budget_of_all_each_network_still_gets_one,
    rl_13_nothing_of_a_source_is_in_a_limit_s_row,
    lg_05_unlocking_clears_the_throttle_and_opens_nothing_closed,
    limits_off_turn_nobody_away,
];

const HOUR: TimeDelta = TimeDelta::hours(1);

const fn per(count: i32, period: TimeDelta) -> Limit {
    Limit { count, period }
}

async fn with(engine: Engine, limits: &LimitsConfig) -> TestApp {
    TestApp::start_with(engine, |config| config.limits = LimitsConfig { enforced: true, ..*limits }).await
}

async fn standard(engine: Engine) -> TestApp {
    with(engine, &LimitsConfig::standard()).await
}

fn number(index: usize) -> String {
    format!("{index:06}")
}

pub(crate) fn walk_alarms(app: &TestApp) -> usize {
    let noted = rows_of(app, "audit_events", &["event", "detail"]);
    noted.iter().filter(|row| row[0] == "excess_rate_limit_exceeded" && row[1].ends_with(": many numbers")).count()
}

async fn rl_01_a_source_s_reset_requests_are_limited_and_come_back(engine: Engine) {
    let app = with(engine, &LimitsConfig { reset_source: Some(per(3, HOUR)), ..LimitsConfig::default() }).await;
    for index in 0..3 {
        assert_eq!(app.ask(&number(index)).await.status, 202);
    }
    for _ in 0..3 {
        app.ask(&number(4)).await.assert_problem(429, "rate-limited");
    }
    app.ask("no number").await.assert_problem(429, "rate-limited");
    app.advance(TimeDelta::minutes(21));
    assert_eq!(app.ask(&number(4)).await.status, 202);
    app.ask(&number(5)).await.assert_problem(429, "rate-limited");
    // Of what is refused to one source the trail has one note an hour.
    let noted = |app: &TestApp| {
        let rows = rows_of(app, "audit_events", &["event", "detail", "source"]);
        rows.into_iter().filter(|row| row[0] == "excess_rate_limit_exceeded").collect::<Vec<_>>()
    };
    assert_eq!(noted(&app), [["excess_rate_limit_exceeded", "reset", "127.0.0.0/24"]]);
    app.advance(TimeDelta::minutes(40));
    for index in 6..9 {
        app.ask(&number(index)).await;
    }
    assert_eq!(noted(&app).len(), 2);
    app.deliver_all().await;
    app.finish().await;
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
    // A number that is among the ten may ask again, once its source may ask at all.
    app.advance(TimeDelta::minutes(10));
    assert_eq!(app.ask(&number(3)).await.status, 202);
    app.ask(&number(50)).await.assert_problem(429, "rate-limited");
    app.advance(TimeDelta::minutes(51));
    assert_eq!(app.ask(&number(50)).await.status, 202);
    app.deliver_all().await;
    app.finish().await;
}

async fn rl_05_sign_ins_with_different_numbers_are_limited_by_source(engine: Engine) {
    let app = standard(engine).await;
    for index in 0..20 {
        app.sign_in(&number(index), "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    }
    app.sign_in(&number(20), "Ugibanje-26").await.assert_problem(429, "rate-limited");
    app.sign_in(&number(0), "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    assert_eq!(walk_alarms(&app), 1);
    app.finish().await;
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
        assert_eq!(sign_in(customer).await.status, 201);
    }
    // On the morning on which all their passwords are too old …
    app.advance(TimeDelta::days(180));
    for customer in &customers {
        sign_in(customer).await.assert_problem(403, "password-expired");
    }
    // … or where access is closed: it was the right password still.
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
    app.finish().await;
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
        assert_eq!(app.sign_in_from(&device, customer.number, customer.password).await.status, 201);
    }
    // Somebody else's device is no known one.
    app.sign_in_from(&device, &number(2), "Ugibanje-26").await.assert_problem(429, "rate-limited");
    app.deliver_all().await;
    app.finish().await;
}

async fn rl_09_limits_hold_over_instances_and_a_restart(engine: Engine) {
    let app = with(engine, &LimitsConfig { reset_source: Some(per(4, HOUR)), ..LimitsConfig::default() }).await;
    let (second, _) = app.second_instance().await;
    for index in 0..4 {
        let url = if index % 2 == 0 { app.url.clone() } else { second.clone() };
        assert_eq!(ask_at(&app, &url, &number(index)).await.status, 202);
    }
    app.ask(&number(5)).await.assert_problem(429, "rate-limited");
    ask_at(&app, &second, &number(5)).await.assert_problem(429, "rate-limited");
    // One that starts now knows it all from the database.
    let (third, _) = app.second_instance().await;
    ask_at(&app, &third, &number(5)).await.assert_problem(429, "rate-limited");
    app.deliver_all().await;
    app.finish().await;
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
    app.finish().await;
}

async fn rl_10_other_ways_to_write_an_address_meet_the_same_limit_or_nothing(engine: Engine) {
    let app = with(engine, &LimitsConfig { reset_source: Some(per(1, HOUR)), ..LimitsConfig::default() }).await;
    let body = json!({ "customer_number": number(1) });
    assert_eq!(app.post("/v1/password-resets", body.clone()).await.status, 202);
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
    app.finish().await;
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
    app.finish().await;
}

async fn rq_01_up_to_and_past_every_limit_the_answers_are_the_same_for_every_number(engine: Engine) {
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
        app.finish().await;
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
        assert_eq!(app.verify(&token).await.status, 200, "a link that is one is not counted");
    }
    let dead = app.session(&Customer::ANA).await["refresh_token"].as_str().unwrap().to_owned();
    app.refresh(&dead).await;
    for _ in 0..10 {
        app.refresh(&dead).await.assert_problem(401, "invalid-token");
    }
    app.verify(&unknown).await.assert_link_unusable("unknown");
    app.complete(&unknown, Customer::ANA.number, "Zimske-gume-27").await.assert_link_unusable("unknown");
    let withdraw = json!({ "token": unknown });
    app.post("/v1/password-resets/withdraw", withdraw).await.assert_link_unusable("unknown");
    app.refresh(&unknown).await.assert_problem(401, "invalid-token");
    app.verify(&unknown).await.assert_link_unusable("unknown");
    app.verify(&unknown).await.assert_problem(429, "rate-limited");
    app.refresh(&unknown).await.assert_problem(429, "rate-limited");
    // A link that is one serves, whatever others at the same address try.
    assert_eq!(app.complete(&token, Customer::ANA.number, "Zimske-gume-27").await.status, 200);
    app.deliver_all().await;
    assert_eq!(app.sign_in(Customer::ANA.number, "Zimske-gume-27").await.status, 201);
    app.deliver_all().await;
    app.finish().await;
}

async fn mails_after_asking(app: &TestApp, times: usize, every: TimeDelta) -> usize {
    for _ in 0..times {
        assert_eq!(app.ask(Customer::ANA.number).await.status, 202);
        app.deliver_all().await;
        app.advance(every);
    }
    app.mail_api.mails().await.len()
}

async fn rl_08_three_mails_an_hour_and_six_a_day(engine: Engine) {
    let limits = LimitsConfig { reset_mails: LimitsConfig::standard().reset_mails, ..LimitsConfig::default() };
    let app = TestApp::start_with(engine, |config| {
        config.limits = LimitsConfig { enforced: true, ..limits };
        // So that it is the budget that holds, and not the number of live links.
        config.reset_link_ttl = TimeDelta::minutes(1);
    })
    .await;
    app.make(&Customer::ANA).await;
    let five_minutes = TimeDelta::seconds(310);
    assert_eq!(mails_after_asking(&app, 11, five_minutes).await, 3);
    app.advance(TimeDelta::minutes(5));
    assert_eq!(mails_after_asking(&app, 11, five_minutes).await, 6);
    for _ in 0..10 {
        app.advance(TimeDelta::hours(2));
        assert_eq!(mails_after_asking(&app, 1, five_minutes).await, 6);
    }
    app.advance(TimeDelta::hours(2));
    assert_eq!(mails_after_asking(&app, 1, five_minutes).await, 7);
    let outcomes = rows_of(&app, "swallowed_requests", &["outcome"]);
    assert!(outcomes.contains(&vec!["mail_budget".to_owned()]), "{outcomes:?}");
    app.finish().await;
}

async fn rl_08_the_mail_that_uses_the_budget_up_carries_a_link_until_the_next_may_go(engine: Engine) {
    let limits =
        LimitsConfig { reset_mails: [Some(per(2, TimeDelta::hours(24))), None], ..LimitsConfig::default() };
    let app = with(engine, &limits).await;
    app.make(&Customer::ANA).await;
    assert_eq!(mails_after_asking(&app, 2, TimeDelta::hours(2)).await, 2);
    let mails = app.mail_api.mails().await;
    let (first, last) = (&mails[0], &mails[1]);
    assert!(first.text().contains("60 minut"), "{}", first.text());
    // The first mail is two hours old when the second goes out: the next may go 22 hours later.
    assert!(last.text().contains("22 ur"), "{}", last.text());
    assert_eq!(mails_after_asking(&app, 5, TimeDelta::hours(3)).await, 2, "the budget is used up by strangers");
    app.verify(&first.token()).await.assert_link_unusable("expired");
    assert_eq!(app.verify(&last.token()).await.status, 200);
    app.advance(TimeDelta::hours(5));
    app.verify(&last.token()).await.assert_link_unusable("expired");
    assert_eq!(mails_after_asking(&app, 1, HOUR).await, 3);
    app.finish().await;
}

async fn rl_08_numbers_that_share_an_address_share_its_budget(engine: Engine) {
    let limits = LimitsConfig { reset_mails: [Some(per(3, HOUR)), None], ..LimitsConfig::default() };
    let app = with(engine, &limits).await;
    let numbers: Vec<String> = (0..5).map(|index| number(100 + index)).collect();
    for (index, number) in numbers.iter().enumerate() {
        let email = if index % 2 == 0 { "delavnica@example.si" } else { "delavnica@EXAMPLE.si" };
        let number: &'static str = number.clone().leak();
        let customer = Customer { number, email, password: Customer::ANA.password };
        app.create(&customer, Locale::Sl, None).await;
    }
    for number in &numbers {
        app.ask(number).await;
        app.deliver_all().await;
        app.advance(TimeDelta::minutes(6));
    }
    assert_eq!(app.mail_api.mails().await.len(), 3);
    // One after the other at once: one cool-down for the mailbox.
    app.advance(HOUR);
    for number in &numbers {
        app.ask(number).await;
    }
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 4);
    app.finish().await;
}

async fn rl_08_beyond_the_budget_of_all_each_network_still_gets_one(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.limits =
            LimitsConfig { enforced: true, reset_mails_total: Some(per(40, HOUR)), ..LimitsConfig::default() };
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    for index in 0..64 {
        let (number, email) = (number(200 + index), format!("kupec{index}@example.si"));
        let customer = Customer { number: number.leak(), email: email.leak(), password: Customer::ANA.password };
        app.create(&customer, Locale::Sl, None).await;
    }
    let mails_after = async |network: usize, customer: usize| {
        let body = json!({ "customer_number": number(customer) });
        let request = app.request(Method::POST, "/v1/password-resets");
        let asked = send(request.header("x-forwarded-for", format!("198.51.{network}.7")).json(&body)).await;
        assert_eq!(asked.status, 202);
        app.deliver_all().await;
        app.mail_api.mails().await.len()
    };
    // A twentieth of the budget each, and no more.
    for index in 0..40 {
        assert_eq!(mails_after(index / 2, 200 + index).await, index + 1);
    }
    assert_eq!(mails_after(0, 240).await, 40);
    assert_eq!(app.events("mail_budget_exhausted"), 0);
    // It is used up, and whoever comes from elsewhere gets one nevertheless.
    assert_eq!(mails_after(100, 241).await, 41);
    assert_eq!(mails_after(100, 242).await, 41);
    assert_eq!(mails_after(101, 243).await, 42);
    assert_eq!(app.events("mail_budget_exhausted"), 1);
    // Unknown numbers use nothing of it up.
    for index in 0..60 {
        mails_after(200 + index % 20, 900 + index).await;
    }
    app.advance(TimeDelta::minutes(31));
    assert_eq!(mails_after(0, 244).await, 43);
    app.finish().await;
}

async fn rl_13_nothing_of_a_source_is_in_a_limit_s_row(engine: Engine) {
    let app = standard(engine).await;
    app.ask(&number(1)).await;
    app.sign_in(&number(1), "Ugibanje-26").await;
    app.verify("nothing").await;
    let dump = app.dump();
    for table in ["rate_limits", "tried_numbers"] {
        assert!(!dump.0[table].is_empty());
        assert!(!dump.0[table].join("\n").contains("127.0.0"), "{:?}", dump.0[table]);
    }
    app.deliver_all().await;
    app.finish().await;
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
        stakis_identity::identity::accounts::unlock(&app.app, &administrator(), number, Some("called".into()))
            .await
            .unwrap()
    };
    assert_eq!(unlock().await, Change::Changed);
    assert_eq!(unlock().await, Change::Unchanged);
    assert_eq!(app.events("authn_login_unlocked"), 1);
    assert_eq!(app.sign_in(Customer::ANA.number, Customer::ANA.password).await.status, 201);
    app.close(&Customer::ANA).await;
    unlock().await;
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(403, "account-closed");
    app.deliver_all().await;
    app.finish().await;
}

async fn limits_off_turn_nobody_away(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.limits = LimitsConfig::default()).await;
    for index in 0..40 {
        assert_eq!(app.ask(&number(index)).await.status, 202);
    }
    for _ in 0..8 {
        app.sign_in(&number(1), "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    }
    app.deliver_all().await;
    app.finish().await;
}
