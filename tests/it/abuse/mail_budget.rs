//! The number of reset mails that one number, and all numbers together, may get.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use stakis_identity::{
    config::{Limit, LimitsConfig},
    identity::passwords,
    types::{CustomerNumber, Locale},
};

use crate::support::{
    Customer, Engine, TestApp, administrator, engine_tests,
    limited::{HOUR, number, per, with},
    send,
};

engine_tests![
    rl_08_three_mails_an_hour_and_six_a_day,
    rl_08_the_last_mail_of_the_budget_carries_a_lasting_link,
    rl_08_beyond_the_budget_of_all_each_network_still_gets_one,
    rl_08_no_number_of_networks_switches_the_owners_off,
    rl_08_one_source_leaves_a_third_of_its_network_s_share,
    rl_08_requests_that_waited_take_from_the_budget_of_their_time,
    rl_08_the_right_password_gets_its_mail_beyond_every_budget,
    rq_01_one_s_own_mail_tells_nothing_of_other_numbers,
    rl_13_nothing_of_a_source_is_in_a_mail_budget_s_row,
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

/// An app with a budget of all mails, behind a proxy that names the client.
async fn with_total(engine: Engine, total: Limit) -> TestApp {
    TestApp::start_with(engine, |config| {
        config.limits = LimitsConfig { enforced: true, reset_mails_total: Some(total), ..LimitsConfig::default() };
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await
}

/// Makes a customer with an address for each number.
async fn populate(app: &TestApp, numbers: std::ops::Range<usize>) {
    for index in numbers {
        let (number, email) = (number(index), format!("kupec{index}@example.si"));
        let customer = Customer { number: number.leak(), email: email.leak(), password: Customer::ANA.password };
        app.create(&customer, Locale::Sl, None).await;
    }
}

async fn ask_from(app: &TestApp, source: &str, number: &str) {
    let request = app.request(Method::POST, "/v1/password-resets").header("x-forwarded-for", source);
    send(request.json(&json!({ "customer_number": number }))).await.assert_status(202);
}

/// Asks for a reset, lets the worker serve it, and counts all mails so far.
async fn mails_after(app: &TestApp, source: &str, customer: usize) -> usize {
    ask_from(app, source, &number(customer)).await;
    app.deliver_all().await;
    app.mail_api.mails().await.len()
}

/// An IPv4 address in a network of its own.
fn network(index: usize) -> String {
    format!("198.51.{index}.7")
}

async fn rl_08_beyond_the_budget_of_all_each_network_still_gets_one(engine: Engine) {
    let app = with_total(engine, per(40, HOUR)).await;
    populate(&app, 200..264).await;
    // Each network gets a twentieth of the budget, and no more.
    for index in 0..40 {
        assert_eq!(mails_after(&app, &network(index / 2), 200 + index).await, index + 1);
    }
    assert_eq!(mails_after(&app, &network(0), 240).await, 40);
    assert_eq!(app.events("mail_budget_exhausted"), 0);
    // The budget is used up, and a request from another network still gets a mail.
    assert_eq!(mails_after(&app, &network(100), 241).await, 41);
    assert_eq!(mails_after(&app, &network(100), 242).await, 41);
    assert_eq!(mails_after(&app, &network(101), 243).await, 42);
    assert_eq!(app.events("mail_budget_exhausted"), 1);
    // Requests for unknown numbers count as well. They use up the share of their network, and its first mail.
    for index in 0..60 {
        mails_after(&app, &network(200 + index % 20), 900 + index).await;
    }
    assert_eq!(mails_after(&app, &network(200), 244).await, 42);
    app.advance(TimeDelta::minutes(31));
    assert_eq!(mails_after(&app, &network(0), 244).await, 43);
}

/// An attacker with a block of IPv6 has more networks than the budget and its reserve have mails.
async fn rl_08_no_number_of_networks_switches_the_owners_off(engine: Engine) {
    let app = with_total(engine, per(20, HOUR)).await;
    populate(&app, 200..203).await;
    for index in 0..60 {
        mails_after(&app, &format!("2001:db8:{index:x}::1"), 900 + index).await;
    }
    assert_eq!(app.mail_api.mails().await.len(), 0);
    let alarms = app.audit().into_iter().filter(|line| line.event == "mail_budget_exhausted");
    assert_eq!(alarms.map(|line| line.detail).collect::<Vec<_>>(), ["all", "reserve"]);
    // An owner elsewhere gets a mail, whose link lives as long as links may.
    assert_eq!(mails_after(&app, "203.0.113.9", 200).await, 1);
    assert!(app.mail_api.mails().await[0].text().contains("24 ur"));
    assert_eq!(mails_after(&app, "2001:db8:ffff::1", 201).await, 2);
    // Whoever goes on gets no second mail to the same owner while the first link lives. The unknown numbers take
    // what has become free in the meantime.
    app.advance(TimeDelta::minutes(6));
    for index in 70..80 {
        mails_after(&app, &format!("2001:db8:{index:x}::1"), 900 + index).await;
    }
    for index in 100..110 {
        assert_eq!(mails_after(&app, &format!("2001:db8:{index:x}::1"), 200).await, 2);
    }
    assert_eq!(mails_after(&app, "203.0.114.9", 202).await, 3);
}

/// The others in a network are no worse off for one among them.
async fn rl_08_one_source_leaves_a_third_of_its_network_s_share(engine: Engine) {
    let app = with_total(engine, per(120, HOUR)).await;
    populate(&app, 200..203).await;
    for _ in 0..10 {
        mails_after(&app, "198.51.100.7", 900).await;
    }
    assert_eq!(mails_after(&app, "198.51.100.7", 200).await, 0, "this source has used its part up");
    assert_eq!(mails_after(&app, "198.51.100.8", 201).await, 1);
    assert_eq!(mails_after(&app, "198.51.100.9", 202).await, 2);
    assert_eq!(mails_after(&app, "198.51.100.10", 200).await, 2, "the share is used up");
}

/// A worker that was away must not take an hour's requests for a burst.
async fn rl_08_requests_that_waited_take_from_the_budget_of_their_time(engine: Engine) {
    let app = with_total(engine, per(20, HOUR)).await;
    populate(&app, 200..204).await;
    for index in 0..4 {
        ask_from(&app, "198.51.100.7", &number(200 + index)).await;
        app.advance(TimeDelta::minutes(61));
    }
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 4);
}

/// An expired password sends the reset mail after the right password, whatever strangers have asked for.
async fn rl_08_the_right_password_gets_its_mail_beyond_every_budget(engine: Engine) {
    let app = with_total(engine, per(20, HOUR)).await;
    app.make(&Customer::ANA).await;
    let ana = CustomerNumber::parse(Customer::ANA.number).unwrap();
    passwords::expire(&app.app, &administrator(), ana, None).await.unwrap();
    for _ in 0..3 {
        mails_after(&app, "127.0.0.1", 900).await;
    }
    assert_eq!(mails_after(&app, "127.0.0.1", 4217).await, 0);
    let refused = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    refused.assert_problem(403, "password-expired");
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

/// The same requests are made among existing numbers and among unknown ones. Each time the caller learns which
/// requests for own numbers led to a mail.
async fn rq_01_one_s_own_mail_tells_nothing_of_other_numbers(engine: Engine) {
    let mut seen = Vec::new();
    for others_exist in [true, false] {
        let app = with_total(engine, per(40, HOUR)).await;
        if others_exist {
            populate(&app, 300..420).await;
        }
        populate(&app, 200..210).await;
        let own = async |source: &str, customer: usize| {
            mails_after(&app, source, customer).await;
            let to = format!("kupec{customer}@example.si");
            app.mail_api.mails().await.iter().filter(|mail| mail.to() == to).count()
        };
        let mut arrived = Vec::new();
        // The share of a network: other numbers, and one other number again and again.
        mails_after(&app, &network(0), 300).await;
        arrived.push(own(&network(0), 200).await);
        arrived.push(own(&network(0), 201).await);
        for _ in 0..2 {
            mails_after(&app, &network(1), 301).await;
        }
        arrived.push(own(&network(1), 202).await);
        // The budget of all, then the first mail of a network, then the reserve.
        for index in 0..18 {
            mails_after(&app, &network(2 + index), 310 + 2 * index).await;
            mails_after(&app, &network(2 + index), 311 + 2 * index).await;
        }
        mails_after(&app, &network(50), 350).await;
        arrived.push(own(&network(50), 203).await);
        arrived.push(own(&network(51), 204).await);
        for index in 0..40 {
            mails_after(&app, &network(60 + index), 360 + index).await;
        }
        arrived.push(own(&network(150), 205).await);
        arrived.push(own(&network(151), 205).await);
        seen.push(arrived);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], [1, 0, 0, 0, 1, 1, 1]);
}

async fn rl_13_nothing_of_a_source_is_in_a_mail_budget_s_row(engine: Engine) {
    let app = with_total(engine, per(20, HOUR)).await;
    for source in ["198.51.100.7", "198.51.101.7", "198.51.100.8"] {
        mails_after(&app, source, 900).await;
    }
    let dump = app.dump();
    let rows = dump.rows("rate_limits");
    assert!(rows.len() >= 4, "{rows:?}");
    assert!(rows.iter().all(|row| !row.contains("198.51")), "{rows:?}");
    // The request keeps its network alone once it is served.
    let hashes = app.column("reset_requests", "source_hash");
    assert!(!hashes.is_empty() && hashes.iter().all(String::is_empty), "{hashes:?}");
}
