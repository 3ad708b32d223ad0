//! Endpoints: making, showing, changing and deleting them, and to whom they belong.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;
use stakis_identity::identity::clients::Revocation;
use wiremock::ResponseTemplate;

use super::{
    owner::{Owner, deliver, start, tell},
    receiver::Receiver,
};
use crate::support::{Engine, engine_tests, execute, partner::Partner, send, text};

engine_tests![
    wh_08_an_endpoint_is_made_shown_changed_and_deleted,
    wh_08_a_client_has_ten_endpoints_and_one_for_an_address,
    wh_08_ten_endpoints_are_not_exceeded_by_calls_at_the_same_time,
    wh_08_another_clients_endpoint_is_none,
    wh_08_endpoints_end_with_their_client,
    wh_08_endpoints_end_with_the_scope_of_their_client,
    wh_08_an_endpoint_that_moves_is_pending_again,
    ap_10_the_making_of_an_endpoint_is_repeated_without_its_secret,
];

async fn wh_08_an_endpoint_is_made_shown_changed_and_deleted(engine: Engine) {
    let app = start(engine).await;
    let owner = Owner::of(&app).await;
    let url = "http://127.0.0.1:9/stakis";
    let wanted =
        json!({ "url": url, "types": ["session.ended", "account.closed"], "description": " ERP  produkcija " });
    let made = owner.create(wanted).await;
    made.assert_status(201);
    let body = made.json();
    let members: BTreeSet<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    let documented =
        ["id", "url", "types", "description", "state", "disabled_reason", "created_at", "signature", "secret"];
    assert_eq!(members, BTreeSet::from(documented));
    let id = text(&body, "id");
    assert_eq!(made.header("location"), format!("/v1/webhook-endpoints/{id}"));
    assert_eq!(body["url"], url);
    assert_eq!(body["types"], json!(["account.closed", "session.ended"]));
    assert_eq!((&body["description"], &body["state"]), (&json!("ERP produkcija"), &json!("pending")));
    assert_eq!((&body["disabled_reason"], &body["signature"]), (&json!(null), &json!("v1")));
    assert!(text(&body, "secret").starts_with("whsec_"));
    let mut shown = body.clone();
    shown.as_object_mut().unwrap().remove("secret");
    assert_eq!(owner.get(&format!("/{id}")).await.json(), shown);
    assert_eq!(owner.get("").await.json(), json!({ "endpoints": [shown] }));

    let change = json!({ "types": [], "description": null });
    let changed = owner.call(Method::PATCH, &format!("/{id}"), Some(change)).await;
    changed.assert_status(200);
    assert_eq!((&changed.json()["types"], &changed.json()["description"]), (&json!([]), &json!(null)));
    assert_eq!(changed.json()["url"], url, "what is left out stays");
    let same = owner.call(Method::PATCH, &format!("/{id}"), Some(json!({}))).await;
    assert_eq!(same.json(), changed.json());

    owner.call(Method::DELETE, &format!("/{id}"), None).await.assert_status(204);
    owner.call(Method::DELETE, &format!("/{id}"), None).await.assert_problem(404, "not-found");
    owner.get(&format!("/{id}")).await.assert_problem(404, "not-found");
    assert_eq!(owner.get("").await.json(), json!({ "endpoints": [] }));
    let trail = app.audit();
    let told: Vec<&str> =
        trail.iter().map(|line| line.event.as_str()).filter(|event| event.starts_with("webhook_")).collect();
    assert_eq!(told, ["webhook_endpoint_created", "webhook_endpoint_changed", "webhook_endpoint_deleted"]);
}

async fn wh_08_a_client_has_ten_endpoints_and_one_for_an_address(engine: Engine) {
    let app = start(engine).await;
    let owner = Owner::of(&app).await;
    let mut ids = Vec::new();
    for index in 0..10 {
        ids.push(owner.make(json!({ "url": format!("http://127.0.0.1:9/{index}") })).await.id);
    }
    owner.create(json!({ "url": "http://127.0.0.1:9/10" })).await.assert_problem(409, "conflict");
    owner.call(Method::DELETE, &format!("/{}", ids[0]), None).await.assert_status(204);
    // The same place in another spelling is the same address.
    for url in ["http://127.0.0.1:9/1", "HTTP://127.0.0.1:9/1", "http://127.0.0.1:0009/1"] {
        owner.create(json!({ "url": url })).await.assert_problem(409, "conflict");
    }
    let moved = json!({ "url": "http://127.0.0.1:9/2" });
    owner.call(Method::PATCH, &format!("/{}", ids[1]), Some(moved.clone())).await.assert_problem(409, "conflict");
    owner.call(Method::PATCH, &format!("/{}", ids[2]), Some(moved)).await.assert_status(200);
    owner.make(json!({ "url": "http://127.0.0.1:9/11" })).await;
    // Another client has ten of its own, with the same addresses.
    Owner::of(&app).await.make(json!({ "url": "http://127.0.0.1:9/1" })).await;
}

async fn wh_08_ten_endpoints_are_not_exceeded_by_calls_at_the_same_time(engine: Engine) {
    let app = start(engine).await;
    let owner = Owner::of(&app).await;
    let calls =
        (0..20).map(|index| owner.create(json!({ "url": format!("http://127.0.0.1:9/{}", index / 2 * 2) })));
    let answers = futures_util::future::join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!((made, answers.iter().filter(|answer| answer.status == 409).count()), (10, 10));
    let more = (20..30).map(|index| owner.create(json!({ "url": format!("http://127.0.0.1:9/{index}") })));
    assert!(futures_util::future::join_all(more).await.iter().all(|answer| answer.status == 409));
}

async fn wh_08_another_clients_endpoint_is_none(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let (owner, stranger) = (Owner::of(&app).await, Owner::of(&app).await);
    let hook = owner.active(&receiver.url("/")).await;
    tell(&app, 1).await;
    let attempt = owner.deliveries(&hook).await[0].clone();
    let attempt = text(&attempt, "id");
    let span = json!({ "from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z" });
    let before = app.dump();
    for (method, path, body) in [
        (Method::GET, String::new(), None),
        (Method::PATCH, String::new(), Some(json!({ "description": "x" }))),
        (Method::DELETE, String::new(), None),
        (Method::POST, "/rotate-secret".to_owned(), None),
        (Method::POST, "/test".to_owned(), None),
        (Method::GET, "/deliveries".to_owned(), None),
        (Method::POST, format!("/deliveries/{attempt}/replay"), None),
        (Method::POST, "/replays".to_owned(), Some(span)),
    ] {
        for id in [hook.id.as_str(), "b4cr8ysz7c2rzq5m3tvx6w4kpn", "x"] {
            let answer = stranger.call(method.clone(), &format!("/{id}{path}"), body.clone()).await;
            answer.assert_problem(404, "not-found");
        }
    }
    assert_eq!(stranger.get("").await.json(), json!({ "endpoints": [] }));
    for table in ["webhook_endpoints", "webhook_keys", "webhook_deliveries", "webhook_attempts"] {
        assert_eq!(app.dump().rows(table), before.rows(table), "{table}");
    }
}

async fn wh_08_endpoints_end_with_their_client(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let (owner, other) = (Owner::of(&app).await, Owner::of(&app).await);
    owner.active_with(json!({ "url": receiver.url("/ended"), "signature": "v1a" })).await;
    other.active(&receiver.url("/lives")).await;
    crate::events::reader::tell_closings(&app, 3).await;
    stakis_identity::identity::events::publish(&app.app).await.unwrap();
    let token = owner.partner.token(&app).await;
    assert_eq!(owner.partner.revoke(&app).await, Revocation::Revoked);
    assert_eq!(app.column("webhook_endpoints", "url"), [receiver.url("/lives")]);
    assert_eq!(app.get("/.well-known/webhook-keys.json").await.json(), json!({ "keys": [] }));
    app.call(Method::GET, "/v1/webhook-endpoints", &token).await.assert_problem(401, "invalid-token");
    deliver(&app).await;
    assert_eq!(receiver.at("/lives").await.len(), 1 + 3);
    assert_eq!(receiver.at("/ended").await.len(), 1, "the test alone");
}

/// An operator takes the scope away in the table, since no command does.
async fn wh_08_endpoints_end_with_the_scope_of_their_client(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    // What waits already is not sent either.
    receiver.answer("/", ResponseTemplate::new(500));
    tell(&app, 1).await;
    receiver.answer("/", ResponseTemplate::new(204));
    let calls = receiver.all().await.len();
    let statement = format!("UPDATE clients SET scopes = 'events:read' WHERE id = '{}'", owner.partner.id);
    execute(&app.database.url, &statement).unwrap();
    app.advance(chrono::TimeDelta::minutes(2));
    tell(&app, 2).await;
    assert_eq!(receiver.all().await.len(), calls);
    assert!(app.column("webhook_endpoints", "id").is_empty(), "{} is there", hook.id);
    let ended = app.audit().iter().filter(|line| line.event == "webhook_endpoint_deleted").count();
    assert_eq!(ended, 1);
}

async fn wh_08_an_endpoint_that_moves_is_pending_again(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/before")).await;
    let moved = json!({ "url": receiver.url("/after") });
    let answer = owner.call(Method::PATCH, &format!("/{}", hook.id), Some(moved)).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["state"], "pending");
    tell(&app, 2).await;
    assert_eq!((receiver.at("/before").await.len(), receiver.at("/after").await.len()), (1, 0));
    owner.activate(&hook).await;
    tell(&app, 1).await;
    assert_eq!((receiver.at("/before").await.len(), receiver.at("/after").await.len()), (1, 2));
    // A description alone changes nothing of that.
    let words = json!({ "description": "ERP" });
    let answer = owner.call(Method::PATCH, &format!("/{}", hook.id), Some(words)).await;
    assert_eq!(answer.json()["state"], "active");
}

async fn ap_10_the_making_of_an_endpoint_is_repeated_without_its_secret(engine: Engine) {
    let app = start(engine).await;
    let partner = Partner::make(&app, "webhooks:write").await;
    let token = partner.token(&app).await;
    let call = async |path: &str, key: &str| {
        let request = app.request(Method::POST, "/v1/webhook-endpoints").bearer_auth(&token);
        let body = json!({ "url": format!("http://127.0.0.1:9{path}") });
        send(request.header("idempotency-key", key).json(&body)).await
    };
    call("/", "key-1").await.assert_status(201);
    call("/", "key-1").await.assert_problem(409, "conflict");
    let reused = call("/other", "key-1").await;
    reused.assert_problem(422, "validation-failed");
    assert_eq!(reused.field_errors(), ["#/Idempotency-Key idempotency_key_reused"]);
    call("/other", "key-2").await.assert_status(201);
    // A call that made nothing gives its key back.
    call("/", "key-3").await.assert_problem(409, "conflict");
    assert_eq!(app.column("webhook_endpoints", "id").len(), 2);
    let wrong = call("/", "with space").await;
    assert_eq!(wrong.field_errors(), ["#/Idempotency-Key invalid_format"]);
}
