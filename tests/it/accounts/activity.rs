//! What happened to an access, as its owner reads it.

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{config::DatabaseUrl, identity, jobs, types::CustomerNumber};

use crate::support::{
    Answer, Capture, Customer, Engine, MailApi, ManualClock, TestApp, TestDatabase, administrator, base_config,
    database_tests, engine_tests, reason, send, text,
};

const NEW: &str = "Zimske-gume-27";
const WRONG: &str = "Napacno-geslo-1";
const UNKNOWN: &str = "999999";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

database_tests![
    ow_08_the_owner_reads_what_happened,
    ow_08_failures_are_summed_by_hour_and_device,
    ow_08_pages_leave_nothing_out_and_repeat_nothing,
    ow_08_a_cursor_that_is_none_is_refused,
    ow_08_a_wrong_limit_is_refused,
    ow_08_what_an_administrator_wrote_never_shows,
    ow_08_the_owner_sees_the_own_events_alone,
    ow_08_events_are_read_for_180_days,
    ow_08_the_sentences_follow_the_language,
    rq_02_failures_at_unknown_numbers_write_the_same_rows,
    dp_05_an_account_sees_nothing_from_before_it_was_made,
];

engine_tests![ow_08_failures_from_several_networks_name_none, op_09_no_page_reads_a_table_from_end_to_end,];

async fn page(app: &TestApp, bearer: &str, query: &str) -> Answer {
    app.call(Method::GET, &format!("/v1/account/activity{query}"), bearer).await
}

async fn events(app: &TestApp, bearer: &str) -> Vec<Value> {
    let answer = page(app, bearer, "?limit=100").await;
    answer.assert_status(200);
    assert_eq!(answer.json()["next"], Value::Null);
    answer.json()["events"].as_array().unwrap().clone()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| text(event, "event")).collect()
}

/// The next access token of a session, which is no event.
async fn refreshed(app: &TestApp, session: &Value) -> String {
    let answer = app.refresh(text(session, "refresh_token")).await;
    answer.assert_status(200);
    text(&answer.json(), "access_token").to_owned()
}

fn number(customer: &Customer) -> CustomerNumber {
    CustomerNumber::parse(customer.number).unwrap()
}

async fn ow_08_the_owner_reads_what_happened(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let form = json!({ "customer_number": Customer::ANA.number, "password": Customer::ANA.password });
    let desk =
        send(app.request(Method::POST, "/v1/sessions").header("user-agent", FIREFOX).json(&form)).await.json();
    app.advance(TimeDelta::minutes(1));
    let named = app.request(Method::PATCH, &format!("/v1/sessions/{}", text(&desk, "session_id")));
    let named = named.bearer_auth(text(&desk, "access_token")).json(&json!({ "name": "Pult <1>" }));
    send(named).await.assert_status(200);
    app.advance(TimeDelta::minutes(1));
    let tablet = app.session(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(1));
    app.call(Method::DELETE, "/v1/sessions", text(&tablet, "access_token")).await.assert_status(204);
    app.deliver_all().await;
    app.advance(TimeDelta::minutes(1));
    let wrong = json!({ "current_password": WRONG, "new_password": NEW, "new_password_confirmation": NEW });
    app.change(text(&tablet, "access_token"), wrong).await.assert_status(422);
    app.advance(TimeDelta::minutes(1));
    let withdrawn = app.token_for(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(1));
    app.withdraw(&withdrawn, Customer::ANA.number).await.assert_status(200);
    app.advance(TimeDelta::minutes(6));
    let used = app.token_for(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(1));
    app.complete(&used, Customer::ANA.number, NEW).await.assert_status(200);
    app.advance(TimeDelta::minutes(1));
    let again = app.sign_in(Customer::ANA.number, NEW).await.json();
    app.deliver_all().await;
    let read = events(app, text(&again, "access_token")).await;
    let mut told: Vec<String> = read
        .iter()
        .map(|event| format!("{} {} {}", &text(event, "at")[11..16], text(event, "event"), text(event, "message")))
        .collect();
    // Two events of the use of a link are of one moment.
    told.sort_by(|one, other| other[..5].cmp(&one[..5]).then_with(|| one.cmp(other)));
    insta::assert_snapshot!(told.join("\n"), @"
    13:14 sign_in Prijava: omrežje 127.0.0.0/24
    13:13 password_changed Geslo je bilo zamenjano: omrežje 127.0.0.0/24
    13:13 password_reset_used Uporabljena povezava za spremembo gesla: omrežje 127.0.0.0/24
    13:13 session_ended Odjava naprave: omrežje 127.0.0.0/24; razlog: novo geslo
    13:12 password_reset_requested Zahteva za spremembo gesla: omrežje 127.0.0.0/24
    13:06 password_reset_withdrawn Preklicana povezava za spremembo gesla: omrežje 127.0.0.0/24
    13:05 password_reset_requested Zahteva za spremembo gesla: omrežje 127.0.0.0/24
    13:04 password_change_failed Vpisano je bilo napačno trenutno geslo: omrežje 127.0.0.0/24
    13:03 session_ended Odjava naprave: Pult <1> (Firefox, Windows), omrežje 127.0.0.0/24; razlog: zahteval uporabnik
    13:02 sign_in Prijava: omrežje 127.0.0.0/24
    13:01 session_renamed Spremenjeno ime naprave: Pult <1> (Firefox, Windows), omrežje 127.0.0.0/24
    13:00 sign_in Prijava: Pult <1> (Firefox, Windows), omrežje 127.0.0.0/24
    ");
    let first = read.last().unwrap();
    assert_eq!(
        (&first["device"], &first["name"], &first["source"], &first["session_id"], &first["count"]),
        (&json!("Firefox, Windows"), &json!("Pult <1>"), &json!("127.0.0.0/24"), &desk["session_id"], &json!(1))
    );
    // Nothing of it is a secret, and no source is finer than a network.
    let all = Value::from(read).to_string();
    for secret in [used.as_str(), withdrawn.as_str(), text(&desk, "device_token"), "127.0.0.1", Customer::ANA.email]
    {
        assert!(!all.contains(secret), "{all}");
    }
}

async fn ow_08_failures_are_summed_by_hour_and_device(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(2));
    for _ in 0..3 {
        app.sign_in(Customer::ANA.number, WRONG).await.assert_status(401);
        app.sign_in_from(text(&session, "device_token"), Customer::ANA.number, WRONG).await.assert_status(401);
        app.advance(TimeDelta::minutes(1));
    }
    app.advance(TimeDelta::minutes(56));
    app.sign_in(Customer::ANA.number, WRONG).await.assert_status(401);
    let read = events(app, &refreshed(app, &session).await).await;
    assert_eq!(kinds(&read), ["sign_in_failed", "sign_in_failed", "sign_in_failed", "sign_in"]);
    let sums: Vec<(&str, i64)> =
        read[..3].iter().map(|event| (text(event, "at"), event["count"].as_i64().unwrap())).collect();
    assert_eq!(
        sums,
        [("2026-11-22T14:01:00.000Z", 1), ("2026-11-22T13:02:00.000Z", 3), ("2026-11-22T13:02:00.000Z", 3)]
    );
    assert_eq!(read[0]["message"], "Neuspela prijava: omrežje 127.0.0.0/24");
    assert_eq!(read[1]["message"], "3 neuspele prijave: omrežje 127.0.0.0/24");
    assert!(read[..3].iter().all(|event| event["session_id"].is_null()));
    assert_eq!(app.dump().counts()["failed_sign_ins"], 3);
}

async fn ow_08_failures_from_several_networks_name_none(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(1));
    let fail = async |source: &str| {
        let form = json!({ "customer_number": Customer::ANA.number, "password": WRONG });
        let request = app.request(Method::POST, "/v1/sessions").header("x-forwarded-for", source).json(&form);
        send(request).await.assert_status(401);
        let read = events(&app, text(&session, "access_token")).await;
        (read[0]["count"].clone(), read[0]["source"].clone())
    };
    assert_eq!(fail("192.0.2.1").await, (json!(1), json!("192.0.2.0/24")));
    assert_eq!(fail("192.0.2.77").await, (json!(2), json!("192.0.2.0/24")));
    assert_eq!(fail("198.51.100.7").await, (json!(3), Value::Null));
    assert_eq!(fail("198.51.100.7").await, (json!(4), Value::Null));
}

async fn ow_08_pages_leave_nothing_out_and_repeat_nothing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    // The clock stands still: many events are of one moment.
    for round in 0..3 {
        for _ in 0..4 {
            let other = app.session(&Customer::ANA).await;
            app.call(Method::DELETE, "/v1/sessions/current", text(&other, "access_token")).await.assert_status(204);
        }
        app.sign_in(Customer::ANA.number, WRONG).await.assert_status(401);
        app.sign_in_from(text(&session, "device_token"), Customer::ANA.number, WRONG).await.assert_status(401);
        app.advance(TimeDelta::minutes(if round == 0 { 0 } else { 61 }));
    }
    let bearer = &refreshed(app, &session).await;
    let all = events(app, bearer).await;
    let places = |events: &[Value]| -> Vec<String> {
        let of = |event: &Value| format!("{} {} {}", event["at"], event["event"], event["session_id"]);
        events.iter().map(of).collect()
    };
    assert_eq!(all.len(), 1 + 24 + 4);
    for limit in [1, 2, 3, 7, 28, 29] {
        let mut read: Vec<Value> = Vec::new();
        let mut query = format!("?limit={limit}");
        loop {
            let answer = page(app, bearer, &query).await;
            answer.assert_status(200);
            let body = answer.json();
            let events = body["events"].as_array().unwrap().clone();
            assert!(!events.is_empty() && events.len() <= limit);
            read.extend(events);
            let Some(next) = body["next"].as_str() else { break };
            query = format!("?limit={limit}&after={next}");
        }
        assert_eq!(places(&read), places(&all), "{limit}");
    }
    // What happens while pages are read moves nothing.
    let first = page(app, bearer, "?limit=3").await.json();
    app.sign_in_from(text(&session, "device_token"), Customer::ANA.number, WRONG).await.assert_status(401);
    app.session(&Customer::ANA).await;
    let second = page(app, bearer, &format!("?limit=3&after={}", text(&first, "next"))).await.json();
    assert_eq!(places(second["events"].as_array().unwrap()), places(&all)[3..6]);
    assert_eq!(page(app, bearer, "").await.json()["events"].as_array().unwrap().len(), 20);
    app.deliver_all().await;
}

async fn ow_08_a_cursor_that_is_none_is_refused(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    app.session(&Customer::BOJAN).await;
    let bojan = app.session(&Customer::BOJAN).await;
    let foreign = page(app, text(&bojan, "access_token"), "?limit=1").await.json();
    app.session(&Customer::ANA).await;
    let ana = app.session(&Customer::ANA).await;
    let bearer = text(&ana, "access_token");
    let own = page(app, bearer, "?limit=1").await.json();
    let own = text(&own, "next");
    let changed = format!("{}A", &own[..own.len() - 1]);
    for after in
        ["", "x", "0", ".", "%00", text(&foreign, "next"), &own[1..], &changed, &format!("{own}&after={own}")]
    {
        let answer = page(app, bearer, &format!("?after={after}")).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), ["#/after invalid_format"], "{after}");
        assert_eq!(answer.json()["errors"][0]["params"], json!({}));
    }
    page(app, bearer, &format!("?after={own}")).await.assert_status(200);
    app.advance(TimeDelta::hours(25));
    let later = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
    let answer = page(app, text(&later, "access_token"), &format!("?after={own}")).await;
    assert_eq!(answer.field_errors(), ["#/after invalid_format"]);
    let both = page(app, text(&later, "access_token"), "?after=x&limit=0").await;
    assert_eq!(both.field_errors(), ["#/after invalid_format", "#/limit invalid_format"]);
    send(app.request(Method::GET, "/v1/account/activity")).await.assert_problem(401, "invalid-token");
    app.deliver_all().await;
}

async fn ow_08_a_wrong_limit_is_refused(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let bearer = text(&session, "access_token");
    for limit in ["0", "101", "-1", "", "x", "1.5", "%2B1", "5&limit=5"] {
        let answer = page(app, bearer, &format!("?limit={limit}")).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), ["#/limit invalid_format"], "{limit}");
    }
    for query in ["", "?limit=1", "?limit=100", "?unknown=1"] {
        page(app, bearer, query).await.assert_status(200);
    }
}

async fn ow_08_what_an_administrator_wrote_never_shows(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    let why = || reason("neplačani računi");
    let who = administrator();
    identity::accounts::close(&app.app, &who, number(&Customer::ANA), why()).await.unwrap();
    identity::accounts::reopen(&app.app, &who, number(&Customer::ANA), why()).await.unwrap();
    app.deliver_all().await;
    let session = app.session(&Customer::ANA).await;
    let read = events(app, text(&session, "access_token")).await;
    let kinds: BTreeSet<&str> = kinds(&read).into_iter().collect();
    assert_eq!(kinds, BTreeSet::from(["access_closed", "access_reopened", "session_ended", "sign_in"]));
    let all = Value::from(read).to_string();
    assert!(!all.contains("računi") && !all.contains("command"), "{all}");
    let ended = "Odjava naprave: omrežje 127.0.0.0/24; razlog: dostop zaprt";
    assert!(all.contains(ended) && all.contains("\"Dostop je bil zaprt\""), "{all}");
}

async fn ow_08_the_owner_sees_the_own_events_alone(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    app.session(&Customer::BOJAN).await;
    app.sign_in(Customer::BOJAN.number, WRONG).await.assert_status(401);
    app.ask(Customer::BOJAN.number).await.assert_status(202);
    app.ask(UNKNOWN).await.assert_status(202);
    app.deliver_all().await;
    let ana = app.session(&Customer::ANA).await;
    assert_eq!(kinds(&events(app, text(&ana, "access_token")).await), ["sign_in"]);
    let bojan = app.session(&Customer::BOJAN).await;
    let mut read = events(app, text(&bojan, "access_token")).await;
    read.sort_by_key(|event| text(event, "event").to_owned());
    assert_eq!(kinds(&read), ["password_reset_requested", "sign_in", "sign_in", "sign_in_failed"]);
    assert_eq!(read[0]["message"], "Zahteva za spremembo gesla: omrežje 127.0.0.0/24");
}

async fn ow_08_events_are_read_for_180_days(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.sign_in(Customer::ANA.number, WRONG).await.assert_status(401);
    app.session(&Customer::ANA).await;
    app.advance(TimeDelta::days(180) - TimeDelta::minutes(1));
    jobs::keep_house(&app.app).await;
    app.deliver_all().await;
    let read_from_first_day = async |password: &str| {
        let session = app.sign_in(Customer::ANA.number, password).await.json();
        let read = events(app, text(&session, "access_token")).await;
        read.iter().filter(|event| text(event, "at").starts_with("2026-11-22")).count()
    };
    assert_eq!(read_from_first_day(Customer::ANA.password).await, 2);
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.advance(TimeDelta::hours(1));
    assert_eq!(read_from_first_day(NEW).await, 0);
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["failed_sign_ins"], 0);
    app.deliver_all().await;
}

async fn ow_08_the_sentences_follow_the_language(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    for (language, told) in [
        ("sl", "Prijava: omrežje 127.0.0.0/24"),
        ("de", "Anmeldung: Netz 127.0.0.0/24"),
        ("en", "Sign-in: network 127.0.0.0/24"),
        ("hr", "Prijava: mreža 127.0.0.0/24"),
    ] {
        let request = app.request(Method::GET, "/v1/account/activity").header("accept-language", language);
        let answer = send(request.bearer_auth(text(&session, "access_token"))).await.json();
        assert_eq!(answer["events"][0]["message"], told);
    }
}

async fn rq_02_failures_at_unknown_numbers_write_the_same_rows(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for number in [Customer::ANA.number, UNKNOWN] {
        app.sign_in(number, WRONG).await.assert_status(401);
        app.sign_in(number, WRONG).await.assert_status(401);
    }
    let rows = |column: &str| app.column("failed_sign_ins", column);
    assert_eq!(rows("customer_number"), [Customer::ANA.number, UNKNOWN]);
    for column in ["hour", "presented", "failures", "first_at", "last_at", "source", "several_sources"] {
        let rows = rows(column);
        assert_eq!(rows[0], rows[1], "{column}");
    }
}

async fn dp_05_an_account_sees_nothing_from_before_it_was_made(app: &TestApp) {
    for _ in 0..3 {
        app.sign_in(Customer::ANA.number, WRONG).await.assert_status(401);
    }
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    app.advance(TimeDelta::minutes(5));
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(5));
    app.sign_in(Customer::ANA.number, WRONG).await.assert_status(401);
    let session = app.session(&Customer::ANA).await;
    let read = events(app, text(&session, "access_token")).await;
    let counts: Vec<(&str, i64)> =
        read.iter().map(|event| (text(event, "event"), event["count"].as_i64().unwrap())).collect();
    assert_eq!(counts, [("sign_in", 1), ("sign_in_failed", 1)]);
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

/// The plans of PostgreSQL are seen by `plans.rs`.
async fn op_09_no_page_reads_a_table_from_end_to_end(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let statements = Capture::of(&database);
    let config = base_config(&database);
    let app = TestApp::start_on(database, config, Arc::new(ManualClock::new()), MailApi::start().await).await;
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    statements.take();
    let first = page(&app, text(&session, "access_token"), "?limit=1").await.json();
    page(&app, text(&session, "access_token"), &format!("?after={}", text(&first, "next")))
        .await
        .assert_status(200);
    let run = statements.take();
    let trail: Vec<&String> = run.iter().filter(|statement| statement.contains("audit_events")).collect();
    assert_eq!(trail.len(), 2, "one for each page: {run:?}");
    let DatabaseUrl::Sqlite(path) = &app.database.url else { return };
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    for statement in &run {
        let plan: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(&mut connection).unwrap();
        for Step { detail } in plan {
            assert!(!detail.starts_with("SCAN"), "{detail}: {statement}");
        }
    }
}
