//! Sending events again.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{
    owner::{Hook, Owner, deliver, start, tell},
    receiver::Receiver,
};
use crate::{
    events::reader::tell_closings,
    support::{Answer, Customer, Engine, engine_tests, text},
};

engine_tests![
    wh_09_one_event_is_sent_again_with_the_same_id,
    wh_09_the_events_of_a_span_are_sent_again_in_their_order,
    wh_09_a_long_span_is_sent_again_part_by_part,
    wh_08_one_replay_at_a_time_runs_for_an_endpoint,
    wh_09_an_event_that_is_not_kept_is_not_sent_again,
];

const ALL: (&str, &str) = ("2026-11-01T00:00:00Z", "2026-12-24T00:00:00Z");

async fn replay(owner: &Owner<'_>, hook: &Hook, (from, to): (&str, &str), event_type: Option<&str>) -> Answer {
    let mut body = json!({ "from": from, "to": to });
    if let Some(event_type) = event_type {
        body["type"] = event_type.into();
    }
    owner.call(Method::POST, &format!("/{}/replays", hook.id), Some(body)).await
}

fn ids(log: &[Value]) -> Vec<&str> {
    log.iter().rev().map(|one| text(one, "event_id")).collect()
}

async fn wh_09_one_event_is_sent_again_with_the_same_id(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    tell(&app, 2).await;
    let log = owner.deliveries(&hook).await;
    let oldest = log.last().unwrap();
    let path = format!("/{}/deliveries/{}/replay", hook.id, text(oldest, "id"));
    let answer = owner.post(&path).await;
    answer.assert_status(202);
    assert_eq!(answer.json(), json!({ "count": 1 }));
    assert_eq!(deliver(&app).await, 1);
    let calls: Vec<_> = receiver.all().await.into_iter().skip(1).collect();
    let first = calls.iter().find(|call| call.id() == text(oldest, "event_id")).unwrap();
    assert_eq!((calls[2].id(), &calls[2].body), (first.id(), &first.body));
    let trail = app.audit();
    let told: Vec<&str> =
        trail.iter().filter(|line| line.event == "webhook_replayed").map(|line| line.detail.as_str()).collect();
    assert_eq!(told, [format!("{}: 1", hook.id)]);
    let unknown = format!("/{}/deliveries/t2hxv6m4c8rpj7ydsaw7n3kqz5/replay", hook.id);
    owner.post(&unknown).await.assert_problem(404, "not-found");
    // A test is no event that could be sent again.
    let all = owner.all_deliveries(&hook).await;
    let test = all.iter().find(|one| one["type"] == "webhook.test").unwrap();
    let path = format!("/{}/deliveries/{}/replay", hook.id, text(test, "id"));
    owner.post(&path).await.assert_problem(404, "not-found");
}

async fn wh_09_the_events_of_a_span_are_sent_again_in_their_order(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let types = json!(["account.closed", "account.created"]);
    let hook = owner.active_with(json!({ "url": receiver.url("/"), "types": types })).await;
    app.make(&Customer::ANA).await;
    tell(&app, 3).await;
    app.advance(TimeDelta::hours(1));
    tell(&app, 2).await;
    app.advance(TimeDelta::hours(1));
    tell(&app, 1).await;
    let before = owner.deliveries(&hook).await;
    let again = async |span: (&str, &str), event_type: Option<&str>| {
        // The log has what was tried last first.
        app.advance(TimeDelta::seconds(1));
        let known = owner.deliveries(&hook).await.len();
        let answer = replay(&owner, &hook, span, event_type).await;
        answer.assert_status(202);
        deliver(&app).await;
        let log = owner.deliveries(&hook).await;
        let sent = &log[..log.len() - known];
        assert_eq!(answer.json()["count"], sent.len());
        let mut sent: Vec<String> = ids(sent).into_iter().map(str::to_owned).collect();
        sent.sort();
        sent
    };
    let sorted = |events: &[&str]| {
        let mut events: Vec<String> = events.iter().map(|id| (*id).to_owned()).collect();
        events.sort();
        events
    };
    let all = ids(&before);
    assert_eq!(all.len(), 7);
    assert_eq!(again(ALL, None).await, sorted(&all));
    // The beginning belongs to the span, and the end does not.
    let hour = ("2026-11-22T14:00:00Z", "2026-11-22T15:00:00Z");
    assert_eq!(again(hour, None).await, sorted(&all[4..6]));
    assert_eq!(again(ALL, Some("account.created")).await.len(), 1);
    // A type may be named that the endpoint does not get otherwise; here none has happened.
    assert!(again(ALL, Some("session.started")).await.is_empty());
    assert!(again(("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"), None).await.is_empty());
}

async fn wh_09_a_long_span_is_sent_again_part_by_part(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let quiet = owner.active_with(json!({ "url": receiver.url("/"), "types": ["audit.head"] })).await;
    tell(&app, 450).await;
    let answer = replay(&owner, &quiet, ALL, Some("account.closed")).await;
    assert_eq!(answer.json(), json!({ "count": 450 }));
    stakis_identity::identity::webhooks::queue_replays(&app.app).await.unwrap();
    stakis_identity::identity::webhooks::queue_replays(&app.app).await.unwrap();
    assert_eq!(app.column("webhook_deliveries", "id").len(), 200, "the others wait");
    assert_eq!(deliver(&app).await, 450);
    let sent: Vec<String> = receiver.all().await.iter().skip(1).map(|call| call.id().to_owned()).collect();
    let listed = crate::events::reader::Reader::of(&app).await.all().await;
    let listed: Vec<String> = listed.iter().map(|event| text(event, "id").to_owned()).collect();
    for (sent, listed) in sent.chunks(200).zip(listed.chunks(200)) {
        let (mut sent, mut listed) = (sent.to_vec(), listed.to_vec());
        sent.sort();
        listed.sort();
        assert_eq!(sent, listed);
    }
}

async fn wh_08_one_replay_at_a_time_runs_for_an_endpoint(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let (hook, other) = (owner.active(&receiver.url("/a")).await, owner.active(&receiver.url("/b")).await);
    tell(&app, 3).await;
    let attempt = text(&owner.deliveries(&hook).await[0], "id").to_owned();
    let one = format!("/{}/deliveries/{attempt}/replay", hook.id);
    receiver.answer("/a", ResponseTemplate::new(500));
    replay(&owner, &hook, ALL, None).await.assert_status(202);
    replay(&owner, &hook, ALL, None).await.assert_problem(409, "conflict");
    owner.post(&one).await.assert_problem(409, "conflict");
    replay(&owner, &other, ALL, None).await.assert_status(202);
    // Once each event was tried, the next replay may follow, whatever became of them.
    deliver(&app).await;
    replay(&owner, &hook, ALL, None).await.assert_status(202);
    app.advance(TimeDelta::seconds(2));
    receiver.answer("/a", ResponseTemplate::new(204));
    deliver(&app).await;
    owner.post(&one).await.assert_status(202);
    owner.post(&one).await.assert_problem(409, "conflict");
    deliver(&app).await;
    owner.post(&one).await.assert_status(202);
    deliver(&app).await;
}

async fn wh_09_an_event_that_is_not_kept_is_not_sent_again(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    tell(&app, 1).await;
    let log = owner.deliveries(&hook).await;
    app.advance(TimeDelta::days(29));
    tell_closings(&app, 1).await;
    deliver(&app).await;
    crate::support::execute(
        &app.database.url,
        &format!("DELETE FROM events WHERE id = '{}'", text(&log[0], "event_id")),
    )
    .unwrap();
    let path = format!("/{}/deliveries/{}/replay", hook.id, text(&log[0], "id"));
    owner.post(&path).await.assert_problem(404, "not-found");
    assert_eq!(replay(&owner, &hook, ALL, None).await.json()["count"], 1);
    deliver(&app).await;
}
