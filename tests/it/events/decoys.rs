//! What strangers cause is written for every number, and told for accounts alone.

use chrono::TimeDelta;
use stakis_identity::config::LimitsConfig;

use super::reader::{Reader, of_type, publish};
use crate::support::{
    Customer, Engine, TestApp, database_tests, engine_tests,
    limited::{HOUR, per, with},
    text,
};

database_tests![
    rq_02_a_reset_request_writes_an_event_for_every_number,
    rq_02_a_repeated_request_writes_no_event_for_any_number,
];

engine_tests![
    rq_02_refused_sign_ins_write_an_event_for_every_number,
    rq_02_the_list_is_the_same_after_requests_for_unknown_numbers,
];

const UNKNOWN: &str = "999999";

/// The stored events about requests of strangers, and whether each is a decoy.
fn stored(app: &TestApp) -> Vec<(String, bool)> {
    let types = app.column("events", "event_type");
    let decoys = app.column("events", "decoy");
    types.into_iter().zip(decoys.iter().map(|decoy| ["1", "t", "true"].contains(&decoy.as_str()))).collect()
}

async fn rq_02_a_reset_request_writes_an_event_for_every_number(app: &TestApp) {
    let reader = Reader::of(app).await;
    app.make(&Customer::ANA).await;
    publish(app).await;
    let before = app.dump().counts()["events"];
    for (number, is_decoy) in [(Customer::ANA.number, false), (UNKNOWN, true)] {
        app.ask(number).await.assert_status(202);
        assert_eq!(stored(app).len(), before, "the request itself writes none");
        app.deliver_all().await;
        assert_eq!(stored(app).last().unwrap(), &("password.reset_requested".to_owned(), is_decoy), "{number}");
        assert_eq!(stored(app).len(), before + 1);
        let texts = app.column("events", "data");
        assert!(texts.last().unwrap().contains("\"account_id\""), "{texts:?}");
        assert_eq!(publish(app).await, usize::from(!is_decoy));
        assert!(!stored(app).iter().any(|(_, decoy)| *decoy), "a decoy is not kept");
        crate::support::execute(&app.database.url, "DELETE FROM events WHERE event_type LIKE 'password%'").unwrap();
    }
    assert!(of_type(&reader.all().await, "password.reset_requested").is_empty());
}

async fn rq_02_a_repeated_request_writes_no_event_for_any_number(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for number in [Customer::ANA.number, UNKNOWN] {
        app.ask(number).await;
        app.deliver_all().await;
        let first = stored(app).len();
        for _ in 0..3 {
            app.ask(number).await.assert_status(202);
            app.deliver_all().await;
        }
        assert_eq!(stored(app).len(), first, "{number}");
    }
    let all = Reader::of(app).await.all().await;
    assert_eq!(of_type(&all, "password.reset_requested").len(), 1);
}

async fn rq_02_refused_sign_ins_write_an_event_for_every_number(engine: Engine) {
    let app = with(engine, &LimitsConfig::default()).await;
    let reader = Reader::of(&app).await;
    app.make(&Customer::ANA).await;
    publish(&app).await;
    let before = app.dump().counts()["events"];
    let mut refused = Vec::new();
    for number in [Customer::ANA.number, UNKNOWN] {
        let mut statuses = Vec::new();
        for _ in 0..24 {
            statuses.push(app.sign_in(number, "Napacno-geslo-1").await.status);
        }
        assert!(statuses.ends_with(&[429, 429, 429]), "{statuses:?}");
        refused.push(statuses);
    }
    assert_eq!(refused[0], refused[1], "no answer tells them apart");
    let told = &stored(&app)[before..];
    // However often a stranger is refused, one event tells it.
    assert_eq!(told, [("sign_in.throttled".to_owned(), false), ("sign_in.throttled".to_owned(), true)]);
    let all = reader.all().await;
    let throttled = of_type(&all, "sign_in.throttled");
    assert_eq!(throttled.len(), 1);
    assert_eq!(text(&throttled[0]["data"], "attempt"), "sign_in");
    assert_eq!(throttled[0]["data"]["account_id"], app.column("accounts", "id")[0]);
    app.deliver_all().await;
}

/// A reader of events learns nothing of requests for numbers that are none: no gap, no position, no other cursor.
async fn rq_02_the_list_is_the_same_after_requests_for_unknown_numbers(engine: Engine) {
    let limits = LimitsConfig { reset_source: Some(per(100, HOUR)), ..LimitsConfig::default() };
    let app = with(engine, &limits).await;
    let reader = Reader::of(&app).await;
    app.make(&Customer::ANA).await;
    let before = reader.all().await;
    for index in 0..20 {
        app.ask(&format!("9999{index:02}")).await.assert_status(202);
    }
    app.deliver_all().await;
    assert_eq!(publish(&app).await, 0);
    assert_eq!(reader.all().await, before);
    assert_eq!(app.column("event_positions", "last_position"), ["1"]);
    app.advance(TimeDelta::minutes(1));
    app.make(&Customer::BOJAN).await;
    publish(&app).await;
    assert_eq!(app.column("events", "position"), ["1", "2"]);
}
