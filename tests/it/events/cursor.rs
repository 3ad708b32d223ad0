//! `GET /v1/events`: pages, cursors that go on, types, and who may read.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use reqwest::Method;

use super::reader::{Reader, ids, of_type, publish, tell_closings, types};
use crate::support::{Customer, TestApp, database_tests, partner::Partner, send, text};

database_tests![
    a_reader_who_follows_the_cursor_sees_every_event_once,
    an_event_shows_once_it_is_published_and_never_before,
    a_page_at_the_end_has_a_cursor_that_goes_on,
    a_reader_of_one_type_sees_all_events_of_it_once,
    a_page_has_a_hundred_events_unless_another_limit_is_named,
    a_wrong_parameter_of_events_is_named,
    ad_03_events_are_read_with_their_scope_alone,
    every_instance_takes_the_cursor_of_another,
];

async fn a_reader_who_follows_the_cursor_sees_every_event_once(app: &TestApp) {
    let reader = Reader::of(app).await;
    let mut seen = Vec::new();
    let mut query = "?limit=4".to_owned();
    // More is written while the reader is on its way.
    for _ in 0..12 {
        tell_closings(app, 3).await;
        publish(app).await;
        let (events, next) = reader.page(&query).await;
        assert!(events.len() <= 4);
        seen.extend(ids(&events));
        query = format!("?limit=4&after={next}");
    }
    let last = query.split_once("after=").unwrap().1.to_owned();
    seen.extend(ids(&reader.all_after(Some(last)).await.0));
    assert_eq!(seen.len(), 36);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 36, "none of them twice");
    // A second reader sees the same in the same order.
    assert_eq!(ids(&Reader::of(app).await.all().await), seen);
}

async fn an_event_shows_once_it_is_published_and_never_before(app: &TestApp) {
    let reader = Reader::of(app).await;
    app.make(&Customer::ANA).await;
    let (events, next) = reader.page("").await;
    assert!(events.is_empty(), "{events:?}");
    assert_eq!(publish(app).await, 1);
    assert_eq!(publish(app).await, 0, "once");
    let (events, _) = reader.page(&format!("?after={next}")).await;
    assert_eq!(types(&events), ["account.created"]);
}

async fn a_page_at_the_end_has_a_cursor_that_goes_on(app: &TestApp) {
    let reader = Reader::of(app).await;
    tell_closings(app, 2).await;
    publish(app).await;
    let (events, mut next) = reader.page("?limit=2").await;
    assert_eq!(events.len(), 2);
    for _ in 0..3 {
        let (events, again) = reader.page(&format!("?after={next}")).await;
        assert!(events.is_empty());
        next = again;
    }
    tell_closings(app, 1).await;
    publish(app).await;
    let (events, _) = reader.page(&format!("?after={next}")).await;
    assert_eq!(events.len(), 1);
    // A cursor may be used again: a reader whose own transaction failed repeats the page.
    assert_eq!(ids(&reader.page(&format!("?after={next}")).await.0), ids(&events));
}

async fn a_reader_of_one_type_sees_all_events_of_it_once(app: &TestApp) {
    let reader = Reader::of(app).await;
    app.make(&Customer::ANA).await;
    for _ in 0..3 {
        let session = app.session(&Customer::ANA).await;
        tell_closings(app, 1).await;
        let token = text(&session, "access_token");
        app.call(Method::DELETE, "/v1/sessions/current", token).await.assert_status(204);
    }
    app.deliver_all().await;
    let all = reader.all().await;
    let ends = of_type(&all, "session.ended");
    assert_eq!(ends.len(), 3);
    let mut query = "?type=session.ended&limit=1".to_owned();
    let mut seen = Vec::new();
    loop {
        let (events, next) = reader.page(&query).await;
        if events.is_empty() {
            break;
        }
        seen.extend(events);
        query = format!("?type=session.ended&limit=1&after={next}");
    }
    assert_eq!(seen.iter().collect::<Vec<_>>(), ends);
    let (several, _) = reader.page("?type=session.ended&type=account.closed").await;
    let kinds: Vec<&str> = types(&several);
    assert_eq!(kinds, ["account.closed", "session.ended"].repeat(3));
    // The cursor of a filtered list serves the whole list, and the other way round.
    let (_, next) = reader.page("?type=account.created").await;
    assert!(reader.page(&format!("?after={next}")).await.0.is_empty());
}

async fn a_page_has_a_hundred_events_unless_another_limit_is_named(app: &TestApp) {
    let reader = Reader::of(app).await;
    tell_closings(app, 101).await;
    publish(app).await;
    for (query, count) in [("", 100), ("?limit=100", 100), ("?limit=1", 1)] {
        assert_eq!(reader.page(query).await.0.len(), count, "{query}");
    }
}

async fn a_wrong_parameter_of_events_is_named(app: &TestApp) {
    let reader = Reader::of(app).await;
    for (query, pointers) in [
        ("?limit=0", vec!["#/limit invalid_format"]),
        ("?limit=101", vec!["#/limit invalid_format"]),
        ("?limit=", vec!["#/limit invalid_format"]),
        ("?limit=1&limit=1", vec!["#/limit invalid_format"]),
        ("?type=account.exploded", vec!["#/type invalid_format"]),
        ("?type=", vec!["#/type invalid_format"]),
        ("?type=account.closed&type=ACCOUNT.CLOSED", vec!["#/type invalid_format"]),
        ("?type=account.closed,session.ended", vec!["#/type invalid_format"]),
        (
            "?after=x&limit=x&type=x",
            vec!["#/after invalid_format", "#/limit invalid_format", "#/type invalid_format"],
        ),
    ] {
        let answer = reader.ask(query).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), pointers, "{query}");
    }
    reader.ask("?another=parameter").await.assert_status(200);
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        send(app.request(method, "/v1/events")).await.assert_problem(405, "method-not-allowed");
    }
}

async fn ad_03_events_are_read_with_their_scope_alone(app: &TestApp) {
    app.get("/v1/events").await.assert_problem(401, "invalid-token");
    app.call(Method::GET, "/v1/events", "no.such.token").await.assert_problem(401, "invalid-token");
    app.make(&Customer::ANA).await;
    let owner = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.call(Method::GET, "/v1/events", &owner).await.assert_problem(401, "invalid-token");
    let other = Partner::make(app, "accounts:read audit:read support:read").await.token(app).await;
    // The scope comes before the parameters.
    app.call(Method::GET, "/v1/events?limit=x", &other).await.assert_problem(403, "insufficient-scope");
    let reader = Partner::make(app, "events:read").await;
    let token = reader.token(app).await;
    app.call(Method::GET, "/v1/events", &token).await.assert_status(200);
    reader.revoke(app).await;
    app.call(Method::GET, "/v1/events", &token).await.assert_problem(401, "invalid-token");
    app.deliver_all().await;
}

async fn every_instance_takes_the_cursor_of_another(app: &TestApp) {
    let (second, _) = app.second_instance().await;
    let reader = Reader::of(app).await;
    tell_closings(app, 3).await;
    publish(app).await;
    let (_, next) = reader.page("?limit=1").await;
    let token = Partner::make(app, "events:read").await.token(app).await;
    app.advance(TimeDelta::seconds(1));
    let there = second.join(&format!("/v1/events?after={next}")).unwrap();
    let answer = send(app.client.get(there).bearer_auth(token)).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["events"].as_array().unwrap().len(), 2);
}
