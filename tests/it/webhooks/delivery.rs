//! What an endpoint gets, and when.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use wiremock::ResponseTemplate;

use super::{
    owner::{Owner, deliver, start, tell},
    receiver::Receiver,
};
use crate::{
    events::reader::{Reader, tell_closings},
    support::{Customer, Engine, engine_tests, text},
};

engine_tests![
    wh_08_an_endpoint_gets_events_once_it_has_answered_a_test,
    wh_06_what_is_sent_is_the_event_of_the_list,
    wh_08_an_endpoint_gets_the_types_that_it_asks_for,
    wh_05_a_retry_has_the_same_id_and_body_and_its_own_time,
    wh_08_events_go_out_in_their_order,
    wh_06_what_strangers_cause_for_unknown_numbers_is_sent_to_nobody,
    wh_08_a_wait_that_the_answer_asks_for_is_kept,
    wh_08_an_event_is_tried_for_three_days,
    dp_02_what_webhooks_leave_is_forgotten,
];

async fn wh_08_an_endpoint_gets_events_once_it_has_answered_a_test(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    receiver.answer("/", ResponseTemplate::new(500));
    let hook = owner.make(json!({ "url": receiver.url("/"), "types": ["account.closed"] })).await;
    assert_eq!(tell(&app, 2).await, 0, "it is pending");
    let asked = owner.post(&format!("/{}/test", hook.id)).await;
    asked.assert_status(202);
    assert_eq!(deliver(&app).await, 1);
    assert_eq!(owner.show(&hook).await["state"], "pending");
    // A test is tried once.
    app.advance(TimeDelta::hours(1));
    assert_eq!(deliver(&app).await, 0);
    receiver.answer("/", ResponseTemplate::new(200));
    let asked = owner.post(&format!("/{}/test", hook.id)).await.json();
    // A second one replaces the first.
    let again = owner.post(&format!("/{}/test", hook.id)).await.json();
    assert_ne!(asked, again);
    assert_eq!(deliver(&app).await, 1);
    let calls = receiver.all().await;
    let test = calls.last().unwrap();
    assert_eq!(test.id(), text(&again, "event_id"));
    assert_eq!((&test.json()["type"], &test.json()["id"]), (&json!("webhook.test"), &again["event_id"]));
    assert_eq!(test.json()["data"], json!({ "version": 1, "endpoint_id": hook.id }));
    assert_eq!(owner.show(&hook).await["state"], "active");
    assert_eq!(app.audit().iter().filter(|line| line.event == "webhook_endpoint_activated").count(), 1);
    // What happened before was not meant for it.
    assert_eq!(deliver(&app).await, 0);
    assert_eq!(tell(&app, 1).await, 1);
    assert_eq!(Reader::of(&app).await.all().await.len(), 3, "a test stands in no list");
}

async fn wh_06_what_is_sent_is_the_event_of_the_list(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    owner.active(&receiver.url("/")).await;
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    app.deliver_all().await;
    app.close(&Customer::ANA).await;
    deliver(&app).await;
    let listed = Reader::of(&app).await.all().await;
    let calls: Vec<_> = receiver.all().await.into_iter().skip(1).collect();
    assert!(listed.len() > 3);
    // Eight are under way at a time, in any order.
    assert_eq!(calls.len(), listed.len());
    for event in &listed {
        assert!(calls.iter().any(|call| call.json() == *event), "{event}");
    }
    for call in &calls {
        assert_eq!(call.id(), text(&call.json(), "id"));
        assert_eq!(call.header("content-type"), "application/json");
        assert_eq!(call.header("user-agent"), "stakis-identity");
        assert!(call.body.len() < 20_000);
        for secret in [Customer::ANA.number, Customer::ANA.email, Customer::ANA.password] {
            assert!(!call.body.contains(secret), "{}", call.body);
        }
    }
}

async fn wh_08_an_endpoint_gets_the_types_that_it_asks_for(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    owner.active_with(json!({ "url": receiver.url("/all") })).await;
    owner.active_with(json!({ "url": receiver.url("/closed"), "types": ["account.closed"] })).await;
    let hook = owner.active_with(json!({ "url": receiver.url("/created"), "types": ["account.created"] })).await;
    app.make(&Customer::ANA).await;
    tell(&app, 2).await;
    let counts = async || {
        let mut counts = Vec::new();
        for path in ["/all", "/closed", "/created"] {
            counts.push(receiver.at(path).await.len() - 1);
        }
        counts
    };
    assert_eq!(counts().await, [3, 2, 1]);
    let change = json!({ "types": ["account.closed", "account.created"] });
    owner.call(Method::PATCH, &format!("/{}", hook.id), Some(change)).await.assert_status(200);
    tell(&app, 1).await;
    assert_eq!(counts().await, [4, 3, 2]);
}

async fn wh_05_a_retry_has_the_same_id_and_body_and_its_own_time(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    receiver.answer("/", ResponseTemplate::new(500));
    assert_eq!(tell(&app, 1).await, 1);
    assert_eq!(deliver(&app).await, 0, "not at once");
    app.advance(TimeDelta::seconds(7));
    assert_eq!(deliver(&app).await, 1);
    receiver.answer("/", ResponseTemplate::new(200));
    app.advance(TimeDelta::seconds(40));
    assert_eq!(deliver(&app).await, 1);
    app.advance(TimeDelta::days(2));
    assert_eq!(deliver(&app).await, 0, "it is delivered");
    let calls: Vec<_> = receiver.all().await.into_iter().skip(1).collect();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|call| call.id() == calls[0].id() && call.body == calls[0].body));
    let times: Vec<i64> = calls.iter().map(|call| call.header("webhook-timestamp").parse().unwrap()).collect();
    assert_eq!((times[1] - times[0], times[2] - times[1]), (7, 40));
    let log = owner.deliveries(&hook).await;
    let told: Vec<_> = log.iter().rev().map(|one| (&one["attempt"], &one["outcome"], &one["status"])).collect();
    let (refused, delivered) = (&json!("refused"), &json!("delivered"));
    assert_eq!(
        told,
        [(&json!(1), refused, &json!(500)), (&json!(2), refused, &json!(500)), (&json!(3), delivered, &json!(200)),]
    );
}

/// A failed event is overtaken; the others keep their order as long as none fails.
async fn wh_08_events_go_out_in_their_order(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    owner.active(&receiver.url("/")).await;
    tell(&app, 40).await;
    let listed: Vec<String> =
        Reader::of(&app).await.all().await.iter().map(|event| text(event, "id").to_owned()).collect();
    let sent: Vec<String> = receiver.all().await.iter().skip(1).map(|call| call.id().to_owned()).collect();
    assert_eq!(sent.len(), 40);
    // Eight are under way at a time.
    for (batch, others) in listed.chunks(8).zip(sent.chunks(8)) {
        let (mut batch, mut others) = (batch.to_vec(), others.to_vec());
        batch.sort();
        others.sort();
        assert_eq!(batch, others);
    }
}

async fn wh_06_what_strangers_cause_for_unknown_numbers_is_sent_to_nobody(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    owner.active(&receiver.url("/")).await;
    app.make(&Customer::ANA).await;
    for number in [Customer::ANA.number, "999999"] {
        app.ask(number).await.assert_status(202);
    }
    app.deliver_all().await;
    deliver(&app).await;
    let mut told: Vec<String> =
        receiver.all().await.iter().skip(1).map(|call| text(&call.json(), "type").to_owned()).collect();
    // They are under way at once.
    told.sort();
    assert_eq!(told, ["account.created", "password.reset_requested"]);
}

async fn wh_08_a_wait_that_the_answer_asks_for_is_kept(engine: Engine) {
    for status in [429, 503] {
        let app = start(engine).await;
        let receiver = Receiver::start().await;
        let owner = Owner::of(&app).await;
        let hook = owner.active(&receiver.url("/")).await;
        receiver.answer("/", ResponseTemplate::new(status).insert_header("retry-after", "600"));
        tell(&app, 1).await;
        receiver.answer("/", ResponseTemplate::new(200));
        app.advance(TimeDelta::seconds(590));
        // The endpoint is left alone as a whole.
        assert_eq!(tell(&app, 1).await, 0);
        app.advance(TimeDelta::seconds(11));
        assert_eq!(deliver(&app).await, 2);
        assert_eq!(owner.outcomes(&hook).await, ["refused", "delivered", "delivered"]);
    }
    // Elsewhere the header means nothing.
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    owner.active(&receiver.url("/")).await;
    receiver.answer("/", ResponseTemplate::new(500).insert_header("retry-after", "600"));
    tell(&app, 1).await;
    app.advance(TimeDelta::seconds(7));
    assert_eq!(deliver(&app).await, 1);
}

/// Other events are delivered meanwhile, so the endpoint stays active.
async fn wh_08_an_event_is_tried_for_three_days(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    tell_closings(&app, 1).await;
    let id = text(&Reader::of(&app).await.all().await[0], "id").to_owned();
    receiver.refuse(&id);
    for _ in 0..2 * 24 * 4 {
        deliver(&app).await;
        app.advance(TimeDelta::minutes(30));
        tell_closings(&app, 1).await;
    }
    deliver(&app).await;
    assert_eq!(owner.show(&hook).await["state"], "active");
    assert!(app.column("webhook_deliveries", "event_id").is_empty(), "it is given up");
    let log = owner.deliveries(&hook).await;
    let (failed, others): (Vec<_>, Vec<_>) = log.into_iter().partition(|one| one["event_id"] == id.as_str());
    assert!((10..=20).contains(&failed.len()), "{} attempts", failed.len());
    assert_eq!(failed[0]["attempt"], failed.len());
    assert_eq!(others.len(), 2 * 24 * 4);
    assert!(others.iter().all(|one| one["outcome"] == "delivered"));
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="webhooks"}"#), 0);
}

async fn dp_02_what_webhooks_leave_is_forgotten(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    tell(&app, 2).await;
    owner.post(&format!("/{}/rotate-secret", hook.id)).await.assert_status(200);
    tell_closings(&app, 2).await;
    stakis_identity::identity::events::publish(&app.app).await.unwrap();
    stakis_identity::identity::webhooks::queue_events(&app.app).await.unwrap();
    owner.call(Method::DELETE, &format!("/{}", hook.id), None).await.assert_status(204);
    let other = owner.active(&receiver.url("/other")).await;
    owner.post(&format!("/{}/rotate-secret", other.id)).await.assert_status(200);
    let counts = || {
        let counts = app.dump().counts();
        [counts["webhook_keys"], counts["webhook_deliveries"], counts["webhook_attempts"]]
    };
    let keep_house = async |days| {
        app.advance(TimeDelta::days(days));
        stakis_identity::jobs::keep_house(&app.app).await;
    };
    assert_eq!(counts(), [2, 2, 4]);
    keep_house(0).await;
    assert_eq!(counts(), [2, 2, 4]);
    keep_house(2).await;
    assert_eq!(counts(), [1, 2, 4], "a key that was replaced goes after a day");
    keep_house(3).await;
    assert_eq!(counts(), [1, 0, 4], "what waits for nobody goes after four days");
    keep_house(26).await;
    assert_eq!(counts(), [1, 0, 0]);
}
