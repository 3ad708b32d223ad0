//! Reset mails to an address that several customer numbers share.

use chrono::TimeDelta;
use stakis_identity::{config::LimitsConfig, types::Locale};
use wiremock::ResponseTemplate;

use crate::support::{
    Customer, Engine, TestApp,
    diagnosis::{codes, diagnosis},
    engine_tests,
    limited::with,
};

engine_tests![
    rl_08_an_address_gets_twelve_a_day_and_each_number_its_first,
    rl_08_strangers_spend_nothing_of_a_number_that_shares_its_address,
    rl_08_an_address_s_cooldown_delays_and_swallows_nothing,
    rl_08_an_address_gets_its_mails_one_by_one_after_an_outage,
    rl_08_mails_that_never_were_use_up_nothing_of_an_address,
];

const MAILBOX: &str = "delavnica@example.si";

/// An app with the standard limits on mails, and customers who share a mailbox.
async fn start(engine: Engine, numbers: &[&'static str]) -> TestApp {
    let LimitsConfig { reset_mails, reset_mails_address, .. } = LimitsConfig::standard();
    let app = with(engine, &LimitsConfig { reset_mails, reset_mails_address, ..LimitsConfig::default() }).await;
    for (index, number) in numbers.iter().copied().enumerate() {
        let email = if index % 2 == 0 { MAILBOX } else { "Delavnica@EXAMPLE.si" };
        app.create(&Customer { number, email, ..Customer::ANA }, Locale::Sl, None).await;
    }
    app
}

/// Asks for a reset, lets the worker serve it, and counts all mails so far.
async fn mails_after(app: &TestApp, number: &str) -> usize {
    app.ask(number).await.assert_status(202);
    app.deliver_all().await;
    app.mail_api.mails().await.len()
}

async fn rl_08_an_address_gets_twelve_a_day_and_each_number_its_first(engine: Engine) {
    let app = start(engine, &["100001", "100002", "100003", "100004", "100005"]).await;
    for round in 0..4 {
        for (index, number) in ["100001", "100002", "100003"].into_iter().enumerate() {
            assert_eq!(mails_after(&app, number).await, 3 * round + index + 1);
            app.advance(TimeDelta::minutes(30));
        }
    }
    // Twelve mails in six hours: the address is full, and no number has used its own cap up.
    app.advance(TimeDelta::hours(2));
    for number in ["100001", "100002", "100003"] {
        assert_eq!(mails_after(&app, number).await, 12, "{number}");
        app.advance(TimeDelta::minutes(10));
    }
    assert_eq!(mails_after(&app, "100004").await, 13, "the first of the day is never withheld");
    app.advance(TimeDelta::minutes(10));
    assert_eq!(mails_after(&app, "100004").await, 13);
    assert_eq!(mails_after(&app, "100005").await, 14);
    // The first links lived for an hour. The link of a first mail beyond the twelve lives until the address has room
    // again: the two oldest of the twelve have to leave the day, and the second of them is half an hour younger.
    let sent = app.mail_api.mails().await;
    assert!(sent[0].text().contains("60 minut"), "{}", sent[0].text());
    assert!(sent[12].text().contains("16 ur"), "{}", sent[12].text());
    let outcomes = app.column("swallowed_requests", "outcome");
    assert!(outcomes.iter().any(|outcome| outcome == "mail_budget"), "{outcomes:?}");
    // A day later the mails of the first hours count no longer.
    app.advance(TimeDelta::hours(18));
    assert_eq!(mails_after(&app, "100001").await, 15);
}

/// Strangers ask for a colleague's number as often as they can.
async fn rl_08_strangers_spend_nothing_of_a_number_that_shares_its_address(engine: Engine) {
    let app = start(engine, &["100001", Customer::ANA.number]).await;
    for _ in 0..60 {
        app.ask("100001").await.assert_status(202);
        app.deliver_all().await;
        app.advance(TimeDelta::minutes(2));
    }
    let of_the_other = app.mail_api.mails().await.len();
    assert!(of_the_other <= 6, "{of_the_other}");
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    app.advance(TimeDelta::minutes(5));
    app.deliver_all().await;
    let sent = app.mail_api.mails().await;
    assert_eq!(sent.len(), of_the_other + 1);
    let done = app.complete(&sent[of_the_other].token(), Customer::ANA.number, "Zimske-gume-27").await;
    done.assert_status(200);
    app.deliver_all().await;
}

async fn rl_08_an_address_s_cooldown_delays_and_swallows_nothing(engine: Engine) {
    let numbers = ["100001", "100002", "100003", Customer::ANA.number];
    let app = start(engine, &numbers).await;
    assert_eq!(mails_after(&app, numbers[0]).await, 1);
    for number in &numbers[1..] {
        app.ask(number).await.assert_status(202);
    }
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
    let waiting = diagnosis(&app).await;
    assert_eq!(codes(&waiting), ["mail_waiting"]);
    assert_eq!(waiting["findings"][0]["until"], "2026-11-22T13:05:00.000Z");
    for sent in 2..=4 {
        app.advance(TimeDelta::minutes(4));
        app.deliver_all().await;
        assert_eq!(app.mail_api.mails().await.len(), sent - 1);
        app.advance(TimeDelta::minutes(1));
        app.deliver_all().await;
        assert_eq!(app.mail_api.mails().await.len(), sent);
    }
    // Each link lives from its own hand-over on.
    let sent = app.mail_api.mails().await;
    app.advance(TimeDelta::minutes(59));
    app.verify(&sent[3].token()).await.assert_status(200);
    app.verify(&sent[0].token()).await.assert_link_unusable("expired");
    assert_eq!(app.column("swallowed_requests", "outcome"), [""; 0]);
}

async fn rl_08_an_address_gets_its_mails_one_by_one_after_an_outage(engine: Engine) {
    let numbers = ["100001", "100002", "100003"];
    let app = start(engine, &numbers).await;
    app.mail_api.answer_with(ResponseTemplate::new(429)).await;
    for number in numbers {
        mails_after(&app, number).await;
        app.advance(TimeDelta::minutes(6));
    }
    app.mail_api.recover().await;
    let mut sent = Vec::new();
    for minute in 0..60 {
        app.deliver_all().await;
        while sent.len() < app.mail_api.mails().await.len() {
            sent.push(minute);
        }
        app.advance(TimeDelta::minutes(1));
    }
    assert_eq!(sent.len(), 3);
    assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= 5), "{sent:?}");
}

async fn rl_08_mails_that_never_were_use_up_nothing_of_an_address(engine: Engine) {
    let app = start(engine, &["100001", "100002", "100003", Customer::ANA.number]).await;
    // The mail API refuses every mail for good.
    app.mail_api.answer_with(ResponseTemplate::new(400)).await;
    for _ in 0..5 {
        for number in ["100001", "100002", "100003", Customer::ANA.number] {
            mails_after(&app, number).await;
            app.advance(TimeDelta::minutes(6));
        }
    }
    app.mail_api.recover().await;
    for sent in 1..=2 {
        assert_eq!(mails_after(&app, Customer::ANA.number).await, sent);
        app.advance(TimeDelta::minutes(6));
    }
}
