//! Every way in which a session ends is told, once, with its reason.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{self, lock_down, passwords, sessions, upkeep::begin_new_epoch},
    jobs,
    store::epoch::Passwords,
    types::{CustomerNumber, told::SessionEndReason},
};

use super::reader::{Reader, of_type};
use crate::support::{Customer, Engine, TestApp, administrator, engine_tests, text};

engine_tests![lg_08_every_way_in_which_a_session_ends_is_told_once,];

const NEW: &str = "Zimske-gume-27";
const CLOSED: Customer = Customer { number: "100001", email: "closed@example.si", password: "Poletne-gume-26" };
const EXPIRED: Customer = Customer { number: "100002", email: "expired@example.si", password: "Poletne-gume-26" };
const LOCKED: Customer = Customer { number: "100003", email: "locked@example.si", password: "Poletne-gume-26" };
const AIDED: Customer = Customer { number: "100004", email: "aided@example.si", password: "Poletne-gume-26" };
const MANY: Customer = Customer { number: "100005", email: "many@example.si", password: "Poletne-gume-26" };
const CHANGED: Customer = Customer { number: "100006", email: "changed@example.si", password: "Poletne-gume-26" };
const RESET: Customer = Customer { number: "100007", email: "reset@example.si", password: "Poletne-gume-26" };
const ERASED: Customer = Customer { number: "100009", email: "erased@example.si", password: "Poletne-gume-26" };

fn number(customer: &Customer) -> CustomerNumber {
    CustomerNumber::parse(customer.number).unwrap()
}

/// What has to be told: the id of each session, and why it ended.
struct Ends<'a> {
    app: &'a TestApp,
    expected: BTreeMap<String, &'static str>,
}

impl Ends<'_> {
    /// Begins a session that ends for this reason.
    async fn session(&mut self, customer: &Customer, reason: &'static str) -> Value {
        let session = self.app.session(customer).await;
        self.expected.insert(text(&session, "session_id").to_owned(), reason);
        session
    }

    async fn make(&mut self, customer: &Customer, reason: &'static str) -> Value {
        self.app.make(customer).await;
        self.session(customer, reason).await
    }
}

async fn lg_08_every_way_in_which_a_session_ends_is_told_once(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.sessions.per_account = 5;
        config.sessions.idle_ttl = TimeDelta::days(10);
        config.sessions.ttl = TimeDelta::days(25);
    })
    .await;
    let reader = Reader::of(&app).await;
    let mut ends = Ends { app: &app, expected: BTreeMap::new() };

    // By the owner: this session, one, and all others.
    let first = ends.make(&Customer::ANA, "signed_out").await;
    app.call(Method::DELETE, "/v1/sessions/current", text(&first, "access_token")).await.assert_status(204);
    let second = ends.session(&Customer::ANA, "signed_out").await;
    ends.session(&Customer::ANA, "signed_out").await;
    let fourth = ends.session(&Customer::ANA, "token_reused").await;
    let one = format!("/v1/sessions/{}", text(&second, "session_id"));
    app.call(Method::DELETE, &one, text(&fourth, "access_token")).await.assert_status(204);
    app.call(Method::DELETE, "/v1/sessions", text(&fourth, "access_token")).await.assert_status(204);
    // By a thief, or his victim.
    app.refresh(text(&fourth, "refresh_token")).await.assert_status(200);
    app.advance(TimeDelta::minutes(5));
    app.refresh(text(&fourth, "refresh_token")).await.assert_problem(401, "invalid-token");

    // By administration and support.
    let who = administrator();
    ends.make(&CLOSED, "account_closed").await;
    identity::accounts::close(&app.app, &who, number(&CLOSED), None).await.unwrap();
    ends.make(&EXPIRED, "password_expired").await;
    passwords::expire(&app.app, &who, number(&EXPIRED), None).await.unwrap();
    ends.make(&LOCKED, "locked_down").await;
    lock_down::by_administrator(&app.app, &who, number(&LOCKED), None).await.unwrap();
    ends.make(&AIDED, "by_support").await;
    sessions::end_for_owner(&app.app, &who, number(&AIDED)).await.unwrap();

    ends.make(&ERASED, "account_erased").await;
    identity::accounts::erase(&app.app, &who, number(&ERASED), None).await.unwrap();

    // By the sixth sign-in, by a change and by a reset.
    ends.make(&MANY, "too_many").await;
    for _ in 0..5 {
        app.advance(TimeDelta::seconds(1));
        ends.session(&MANY, "idle").await;
    }
    ends.make(&CHANGED, "password_changed").await;
    let kept = ends.session(&CHANGED, "idle").await;
    let form = json!({
        "current_password": CHANGED.password, "new_password": NEW, "new_password_confirmation": NEW,
    });
    app.change(text(&kept, "access_token"), form).await.assert_status(200);
    ends.make(&RESET, "password_reset").await;
    app.deliver_all().await;
    let link = app.token_for(&RESET).await;
    app.complete(&link, RESET.number, NEW).await.assert_status(200);
    app.deliver_all().await;

    // By time. A session that is used goes on until its greatest age.
    let mut used = ends.make(&Customer::BOJAN, "too_old").await;
    for _ in 0..4 {
        app.advance(TimeDelta::days(5));
        used = app.refresh(text(&used, "refresh_token")).await.json();
        jobs::keep_house(&app.app).await;
    }
    app.advance(TimeDelta::days(6));
    jobs::keep_house(&app.app).await;

    // By the operator.
    let last = Customer { number: "100008", email: "last@example.si", password: "Poletne-gume-26" };
    ends.make(&last, "new_epoch").await;
    begin_new_epoch(&app.app, &who, Passwords::Kept).await.unwrap();
    app.deliver_all().await;

    let all = reader.all().await;
    let ended = of_type(&all, "session.ended");
    let told: BTreeMap<String, &str> = ended
        .iter()
        .map(|event| (text(&event["data"], "session_id").to_owned(), text(&event["data"], "reason")))
        .collect();
    assert_eq!(told.len(), ended.len(), "none of them twice");
    assert_eq!(told, ends.expected.iter().map(|(id, reason)| (id.clone(), *reason)).collect::<BTreeMap<_, _>>());
    let started: BTreeSet<&str> =
        of_type(&all, "session.started").iter().map(|event| text(&event["data"], "session_id")).collect();
    assert_eq!(started, told.keys().map(String::as_str).collect(), "each has begun");
    let reasons: BTreeSet<&str> = told.values().copied().collect();
    assert_eq!(reasons, SessionEndReason::ALL.iter().map(|reason| reason.as_str()).collect());
    assert_eq!(of_type(&all, "session.reuse_detected").len(), 1);
}
