//! Listing and ending sessions.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{
        IdentityError, Refusal,
        sessions::{SessionsToEnd, authenticate, end as end_sessions},
    },
    store::{
        Transaction,
        sessions::{self, SessionEnd, SessionLifetimes},
    },
    types::{Id, SessionId},
};

use crate::support::{
    Customer, Engine, TestApp, customer_context, database_tests, engine_tests, execute, send, text,
};

const NEW: &str = "Zimske-gume-27";

const PETER: Customer = Customer { number: "100001", email: "peter@example.si", password: "Poletne-gume-26" };
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

async fn listed(app: &TestApp, bearer: &str) -> Vec<Value> {
    let answer = app.call(Method::GET, "/v1/sessions", bearer).await;
    answer.assert_status(200);
    answer.json()["sessions"].as_array().unwrap().clone()
}

database_tests![
    lg_07_the_list_shows_what_a_customer_recognises,
    lg_07_signing_out_ends_access_and_refresh_token,
    lg_07_all_others_and_one,
    lg_07_a_session_that_a_reset_has_ended_ends_no_new_one,
    lg_08_a_session_used_in_the_last_moment_is_not_ended_as_idle,
    lg_07_nobody_ends_another_customer_s_session,
    without_a_session_there_is_no_list,
];

engine_tests![
    lg_08_a_short_idle_lifetime_ends_nobody_who_is_there,
    lg_12_one_session_too_many_ends_the_one_unused_for_longest,
];

async fn lg_07_the_list_shows_what_a_customer_recognises(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let form = json!({ "customer_number": Customer::ANA.number, "password": Customer::ANA.password });
    let first = app.request(Method::POST, "/v1/sessions").header("user-agent", FIREFOX).json(&form);
    let first = send(first).await.json();
    app.advance(TimeDelta::minutes(9));
    let second = app.session(&Customer::ANA).await;
    app.advance(TimeDelta::seconds(30));
    let mut list = listed(app, text(&first, "access_token")).await;
    for session in &mut list {
        session["id"].take();
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&list).unwrap(), @r#"
    [
      {
        "id": null,
        "created_at": "2026-11-22T13:00:00.000Z",
        "last_used_at": "2026-11-22T13:09:30.000Z",
        "device": "Firefox, Windows",
        "name": null,
        "source": "127.0.0.0/24",
        "current": true
      },
      {
        "id": null,
        "created_at": "2026-11-22T13:09:00.000Z",
        "last_used_at": "2026-11-22T13:09:00.000Z",
        "device": null,
        "name": null,
        "source": "127.0.0.0/24",
        "current": false
      }
    ]
    "#);
    // Reading the list counts as a use, which is recorded to the minute.
    let list = listed(app, text(&second, "access_token")).await;
    let used: Vec<&str> = list.iter().map(|session| text(session, "last_used_at")).collect();
    assert_eq!(used, ["2026-11-22T13:09:30.000Z", "2026-11-22T13:09:00.000Z"]);
    assert_eq!(list[1]["id"], second["session_id"]);
    assert_eq!(list[1]["current"], true);
    app.deliver_all().await;
}

async fn lg_07_signing_out_ends_access_and_refresh_token(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let bearer = text(&session, "access_token");
    let answer = app.call(Method::DELETE, "/v1/sessions/current", bearer).await;
    answer.assert_status(204);
    assert_eq!(&*answer.text, "");
    app.account(bearer).await.assert_problem(401, "invalid-token");
    app.refresh(text(&session, "refresh_token")).await.assert_problem(401, "invalid-token");
    app.call(Method::DELETE, "/v1/sessions/current", bearer).await.assert_problem(401, "invalid-token");
    assert_eq!(app.events("authn_token_revoked"), 1);
}

async fn lg_07_all_others_and_one(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(app.session(&Customer::ANA).await);
    }
    let bearer = text(&all[0], "access_token");
    let path = format!("/v1/sessions/{}", text(&all[1], "session_id"));
    app.call(Method::DELETE, &path, bearer).await.assert_status(204);
    app.account(text(&all[1], "access_token")).await.assert_problem(401, "invalid-token");
    app.call(Method::DELETE, &path, bearer).await.assert_problem(404, "not-found");
    assert_eq!(listed(app, bearer).await.len(), 3);
    app.call(Method::DELETE, "/v1/sessions", bearer).await.assert_status(204);
    for ended in &all[2..] {
        app.account(text(ended, "access_token")).await.assert_problem(401, "invalid-token");
        app.refresh(text(ended, "refresh_token")).await.assert_problem(401, "invalid-token");
    }
    let list = listed(app, bearer).await;
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["id"], all[0]["session_id"]);
    // Ending the own session by its id is a sign-out as well.
    let path = format!("/v1/sessions/{}", text(&all[0], "session_id"));
    app.call(Method::DELETE, &path, bearer).await.assert_status(204);
    app.account(bearer).await.assert_problem(401, "invalid-token");
    // The audit trail has an entry for each of them.
    assert_eq!(app.events("authn_token_revoked"), 4);
}

async fn lg_07_a_session_that_a_reset_has_ended_ends_no_new_one(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let stolen = app.session(&Customer::ANA).await;
    // The stolen token is accepted before the reset.
    let thief = authenticate(&app.app, text(&stolen, "access_token")).await.unwrap();
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    let new = app.sign_in(Customer::ANA.number, NEW).await.json();
    // The request of the thief reaches the database after the reset.
    let context = customer_context();
    for which in [SessionsToEnd::AllOthers, SessionsToEnd::One(Id::from_text(text(&new, "session_id").to_owned()))]
    {
        let outcome = end_sessions(&app.app, &context, thief.clone(), which).await;
        assert!(matches!(outcome, Err(IdentityError::Refused(Refusal::InvalidToken))));
    }
    app.account(text(&new, "access_token")).await.assert_status(200);
    app.deliver_all().await;
}

async fn lg_08_a_session_used_in_the_last_moment_is_not_ended_as_idle(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let id: SessionId = Id::from_text(text(&session, "session_id").to_owned());
    let lifetimes = SessionLifetimes { absolute: TimeDelta::days(90), ..app.app.session_lifetimes };
    let listed_at = app.app.clock.now() + lifetimes.idle;
    let end = async || {
        let id = id.clone();
        let work = move |tx: &mut Transaction<'_>| {
            let tx = &mut Transaction { connection: tx.connection, now: listed_at, clock: tx.clock };
            sessions::end_expired(tx, &id, SessionEnd::Idle, lifetimes)
        };
        app.app.database.write(work).await.unwrap()
    };
    app.advance(TimeDelta::minutes(2));
    app.account(text(&session, "access_token")).await.assert_status(200);
    assert!(!end().await);
    let used = "UPDATE sessions SET last_used_at = created_at";
    execute(&app.database.url, used).unwrap();
    assert!(end().await && !end().await);
}

async fn lg_08_a_short_idle_lifetime_ends_nobody_who_is_there(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.sessions.idle_ttl = TimeDelta::seconds(20)).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    for _ in 0..10 {
        app.advance(TimeDelta::seconds(15));
        app.account(text(&session, "access_token")).await.assert_status(200);
    }
    app.advance(TimeDelta::seconds(20));
    app.account(text(&session, "access_token")).await.assert_problem(401, "invalid-token");
}

async fn lg_07_nobody_ends_another_customer_s_session(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&PETER).await;
    let ana = app.session(&Customer::ANA).await;
    let peter = app.session(&PETER).await;
    let foreign = format!("/v1/sessions/{}", text(&peter, "session_id"));
    let foreign = app.call(Method::DELETE, &foreign, text(&ana, "access_token")).await;
    let unknown = app.call(Method::DELETE, "/v1/sessions/nowhere", text(&ana, "access_token")).await;
    for id in ["%00", "..%2f..", &"a".repeat(26), "%F0%9F%94%A7"] {
        let path = format!("/v1/sessions/{id}");
        app.call(Method::DELETE, &path, text(&ana, "access_token")).await.assert_problem(404, "not-found");
    }
    foreign.assert_problem(404, "not-found");
    assert_eq!(foreign.comparable(), unknown.comparable());
    app.call(Method::DELETE, "/v1/sessions", text(&ana, "access_token")).await;
    app.account(text(&peter, "access_token")).await.assert_status(200);
}

async fn lg_12_one_session_too_many_ends_the_one_unused_for_longest(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.sessions.per_account = 3).await;
    app.make(&Customer::ANA).await;
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(app.session(&Customer::ANA).await);
        app.advance(TimeDelta::minutes(1));
    }
    // The first session is used, so the second one is unused for longest.
    app.account(text(&all[0], "access_token")).await.assert_status(200);
    all.push(app.session(&Customer::ANA).await);
    app.account(text(&all[1], "access_token")).await.assert_problem(401, "invalid-token");
    for index in [0, 2, 3] {
        app.account(text(&all[index], "access_token")).await.assert_status_with(200, format_args!("{index}"));
    }
    assert_eq!(app.audit().iter().filter(|line| line.detail == "too many sessions").count(), 1);
}

async fn without_a_session_there_is_no_list(app: &TestApp) {
    for (method, path) in [
        (Method::GET, "/v1/sessions"),
        (Method::DELETE, "/v1/sessions"),
        (Method::DELETE, "/v1/sessions/current"),
        (Method::DELETE, "/v1/sessions/x"),
    ] {
        send(app.request(method, path)).await.assert_problem(401, "invalid-token");
    }
    let answer = send(app.request(Method::PUT, "/v1/sessions")).await;
    answer.assert_problem(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), "GET, HEAD, POST, DELETE");
}
