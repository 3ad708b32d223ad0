//! The log of attempts.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    owner::{Owner, start, tell},
    receiver::{Receiver, cutting_the_line},
};
use crate::support::{Engine, engine_tests, text};

engine_tests![
    wh_09_the_log_tells_of_each_attempt_how_it_ended,
    wh_09_pages_of_the_log_have_each_attempt_once,
    wh_09_a_cursor_that_was_made_up_or_is_of_another_list_is_refused,
];

async fn wh_09_the_log_tells_of_each_attempt_how_it_ended(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let served = owner.active(&receiver.url("/")).await;
    let cut = owner.make(json!({ "url": cutting_the_line().await })).await;
    let refused = owner.make(json!({ "url": "http://127.0.0.1:1/" })).await;
    for hook in [&cut, &refused] {
        owner.post(&format!("/{}/test", hook.id)).await.assert_status(202);
    }
    app.advance(chrono::TimeDelta::seconds(1));
    tell(&app, 1).await;
    let log = owner.all_deliveries(&served).await;
    let kinds: Vec<(&str, &str)> = log.iter().map(|one| (text(one, "type"), text(one, "outcome"))).collect();
    assert_eq!(kinds, [("account.closed", "delivered"), ("webhook.test", "delivered")]);
    let members: BTreeSet<&str> = log[0].as_object().unwrap().keys().map(String::as_str).collect();
    let documented = ["id", "event_id", "type", "at", "attempt", "outcome", "status", "duration_ms"];
    assert_eq!(members, BTreeSet::from(documented));
    assert_eq!((&log[0]["at"], &log[0]["attempt"]), (&json!("2026-11-22T13:00:01.000Z"), &json!(1)));
    assert_eq!(log[0]["status"], 204);
    assert!(log[0]["duration_ms"].as_i64().unwrap() >= 0);
    assert_eq!(log[0]["event_id"], receiver.all().await[1].id());
    for hook in [&cut, &refused] {
        let log = owner.all_deliveries(hook).await;
        assert_eq!((log.len(), &log[0]["outcome"]), (1, &json!("unreachable")));
        assert_eq!(log[0]["status"], json!(null));
    }
}

async fn wh_09_pages_of_the_log_have_each_attempt_once(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    // All of them at one moment of the clock, so the ids tell them apart.
    tell(&app, 24).await;
    let path = format!("/{}/deliveries", hook.id);
    assert_eq!(owner.get(&path).await.json()["deliveries"].as_array().unwrap().len(), 20);
    let (mut seen, mut sizes) = (BTreeSet::new(), Vec::new());
    let mut query = "?limit=10".to_owned();
    loop {
        let page = owner.get(&format!("{path}{query}")).await.json();
        let deliveries = page["deliveries"].as_array().unwrap();
        sizes.push(deliveries.len());
        seen.extend(deliveries.iter().map(|one| text(one, "id").to_owned()));
        // What is new meanwhile stands before the page.
        app.advance(chrono::TimeDelta::seconds(1));
        tell(&app, 1).await;
        match page["next"].as_str() {
            Some(next) => query = format!("?limit=10&after={next}"),
            None => break,
        }
    }
    assert_eq!((sizes, seen.len()), (vec![10, 10, 5], 25));
}

async fn wh_09_a_cursor_that_was_made_up_or_is_of_another_list_is_refused(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let (hook, other) = (owner.active(&receiver.url("/a")).await, owner.active(&receiver.url("/b")).await);
    tell(&app, 3).await;
    let next =
        async |id: &str| text(&owner.get(&format!("/{id}/deliveries?limit=1")).await.json(), "next").to_owned();
    let (own, foreign) = (next(&hook.id).await, next(&other.id).await);
    let events = crate::events::reader::Reader::of(&app).await.page("").await.1;
    let mut changed = own.clone().into_bytes();
    let last = changed.len() - 2;
    changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    for cursor in ["", "x", "x.y", &own[1..], &changed, &foreign, &events, &format!("{own}x")] {
        let answer = owner.get(&format!("/{}/deliveries?after={cursor}", hook.id)).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), ["#/after invalid_format"], "{cursor}");
    }
    for query in ["?limit=0", "?limit=101", "?limit=x", "?limit=1&limit=1"] {
        let answer = owner.get(&format!("/{}/deliveries{query}", hook.id)).await;
        assert_eq!(answer.field_errors(), ["#/limit invalid_format"], "{query}");
    }
    owner.get(&format!("/{}/deliveries?after={own}", hook.id)).await.assert_status(200);
    app.advance(chrono::TimeDelta::days(1));
    let answer = owner.get(&format!("/{}/deliveries?after={own}", hook.id)).await;
    assert_eq!(answer.field_errors(), ["#/after invalid_format"], "it is too old");
}
