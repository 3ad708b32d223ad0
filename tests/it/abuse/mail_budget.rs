//! The number of reset mails that one address, and all addresses together, may get.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use stakis_identity::{config::LimitsConfig, types::Locale};

use crate::support::{
    Customer, Engine, TestApp, engine_tests,
    limited::{HOUR, number, per, with},
    send,
};

engine_tests![
    rl_08_three_mails_an_hour_and_six_a_day,
    rl_08_the_last_mail_of_the_budget_carries_a_lasting_link,
    rl_08_numbers_that_share_an_address_share_its_budget,
    rl_08_beyond_the_budget_of_all_each_network_still_gets_one,
];

async fn mails_after_asking(app: &TestApp, times: usize, every: TimeDelta) -> usize {
    for _ in 0..times {
        app.ask(Customer::ANA.number).await.assert_status(202);
        app.deliver_all().await;
        app.advance(every);
    }
    app.mail_api.mails().await.len()
}

async fn rl_08_three_mails_an_hour_and_six_a_day(engine: Engine) {
    let limits = LimitsConfig { reset_mails: LimitsConfig::standard().reset_mails, ..LimitsConfig::default() };
    let app = TestApp::start_with(engine, |config| {
        config.limits = LimitsConfig { enforced: true, ..limits };
        // Links expire early, so that the budget is under test and not the number of valid links.
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
    let outcomes = app.column("swallowed_requests", "outcome");
    assert!(outcomes.iter().any(|outcome| outcome == "mail_budget"), "{outcomes:?}");
}

/// The link of the last mail is valid until the next mail may be sent.
async fn rl_08_the_last_mail_of_the_budget_carries_a_lasting_link(engine: Engine) {
    let limits =
        LimitsConfig { reset_mails: [Some(per(2, TimeDelta::hours(24))), None], ..LimitsConfig::default() };
    let app = with(engine, &limits).await;
    app.make(&Customer::ANA).await;
    assert_eq!(mails_after_asking(&app, 2, TimeDelta::hours(2)).await, 2);
    let mails = app.mail_api.mails().await;
    let (first, last) = (&mails[0], &mails[1]);
    assert!(first.text().contains("60 minut"), "{}", first.text());
    // The first mail is two hours old when the second is sent, so the next may be sent 22 hours later.
    assert!(last.text().contains("22 ur"), "{}", last.text());
    assert_eq!(mails_after_asking(&app, 5, TimeDelta::hours(3)).await, 2, "the budget is used up by strangers");
    app.verify(&first.token()).await.assert_link_unusable("expired");
    app.verify(&last.token()).await.assert_status(200);
    app.advance(TimeDelta::hours(5));
    app.verify(&last.token()).await.assert_link_unusable("expired");
    assert_eq!(mails_after_asking(&app, 1, HOUR).await, 3);
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
    // Five requests at the same time share one cool-down, because their mailbox is the same.
    app.advance(HOUR);
    for number in &numbers {
        app.ask(number).await;
    }
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 4);
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
        asked.assert_status(202);
        app.deliver_all().await;
        app.mail_api.mails().await.len()
    };
    // Each network gets a twentieth of the budget, and no more.
    for index in 0..40 {
        assert_eq!(mails_after(index / 2, 200 + index).await, index + 1);
    }
    assert_eq!(mails_after(0, 240).await, 40);
    assert_eq!(app.events("mail_budget_exhausted"), 0);
    // The budget is used up, and a request from another network still gets a mail.
    assert_eq!(mails_after(100, 241).await, 41);
    assert_eq!(mails_after(100, 242).await, 41);
    assert_eq!(mails_after(101, 243).await, 42);
    assert_eq!(app.events("mail_budget_exhausted"), 1);
    // Unknown numbers do not use the budget.
    for index in 0..60 {
        mails_after(200 + index % 20, 900 + index).await;
    }
    app.advance(TimeDelta::minutes(31));
    assert_eq!(mails_after(0, 244).await, 43);
}
