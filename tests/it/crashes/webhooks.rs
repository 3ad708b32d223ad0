//! Endpoints of webhooks, and the events that they get.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{audit, events},
    jobs,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::{
    administration::{call, with_client},
    stage::{Scene, Stage},
};
use crate::support::{Engine, TestApp, engine_tests, execute, send, text};

engine_tests![
    wh_05_a_crash_at_any_statement_of_a_delivery_loses_no_event,
    op_06_a_crash_at_any_statement_about_an_endpoint_leaves_it_whole,
];

const PATH: &str = "/v1/webhook-endpoints";

/// A receiver that takes everything.
async fn receiver() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    server
}

/// Makes an endpoint.
async fn endpoint(app: &TestApp, url: &str) -> Value {
    let mut known = with_client(app).await;
    // The head of the trail is an event too, which comes at its own times.
    audit::seal_all(&app.app).await.unwrap();
    execute(&app.database.url, "UPDATE audit_batches SET told_at = '2099-01-01 00:00:00'").unwrap();
    let made = app.request(Method::POST, PATH).bearer_auth(text(&known, "client"));
    let made = send(made.json(&json!({ "url": url, "types": ["account.closed"] }))).await;
    made.assert_status(201);
    known["endpoint"] = made.json()["id"].clone();
    known
}

/// Makes an endpoint that has answered the test event.
async fn active(app: &TestApp, url: &str) -> Value {
    let known = endpoint(app, url).await;
    let path = format!("{PATH}/{}/test", text(&known, "endpoint"));
    let tested = app.request(Method::POST, &path).bearer_auth(text(&known, "client"));
    send(tested).await.assert_status(202);
    deliver(app).await;
    assert_eq!(app.column("webhook_endpoints", "state"), ["active"]);
    known
}

async fn deliver(app: &TestApp) -> bool {
    events::publish(&app.app).await.is_ok() && jobs::deliver_due_webhooks(&app.app).await.is_ok()
}

async fn wh_05_a_crash_at_any_statement_of_a_delivery_loses_no_event(engine: Engine) {
    let stage = Stage::new(engine);
    let server = receiver().await;
    let closed = async |app: &TestApp| {
        let known = active(app, &server.uri()).await;
        let path = format!("{}/close", text(&known, "path"));
        let close = app.request(Method::POST, &path).bearer_auth(text(&known, "client"));
        send(close.json(&json!({ "reason": "dolg" }))).await.assert_status(200);
        known
    };
    stage
        .play(
            "publishing and delivery of an event",
            closed,
            async |scene: &Scene| deliver(&scene.app).await,
            // The stage looks for the delivery in the log, and compares what was sent under one id.
            async |scene: &Scene| scene.settle().await,
        )
        .await;
    let test = async |scene: &Scene| {
        let path = format!("{PATH}/{}/test", scene.known("endpoint"));
        call(scene, Method::POST, &path, None).await.status == 202
    };
    stage
        .play(
            "test of an endpoint",
            async |app: &TestApp| endpoint(app, &server.uri()).await,
            async |scene: &Scene| test(scene).await && deliver(&scene.app).await,
            async |scene: &Scene| {
                assert!(test(scene).await);
                scene.settle().await;
                assert_eq!(scene.app.column("webhook_endpoints", "state"), ["active"]);
            },
        )
        .await;
    let replay = async |scene: &Scene| {
        let path = format!("{PATH}/{}/replays", scene.known("endpoint"));
        let span = json!({ "from": "2026-11-01T00:00:00Z", "to": "2026-12-24T00:00:00Z" });
        call(scene, Method::POST, &path, Some(span)).await.status
    };
    stage
        .play(
            "replay of events",
            async |app: &TestApp| {
                let known = closed(app).await;
                deliver(app).await;
                known
            },
            async |scene: &Scene| replay(scene).await == 202 && deliver(&scene.app).await,
            async |scene: &Scene| {
                let again = replay(scene).await;
                assert!([202, 409].contains(&again), "{again}");
                scene.settle().await;
                assert!(scene.app.column("webhook_attempts", "id").len() > 2, "it was sent again");
            },
        )
        .await;
    let mut bodies: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for request in server.received_requests().await.unwrap() {
        let id = request.headers["webhook-id"].to_str().unwrap().to_owned();
        bodies.entry(id).or_default().push(request.body);
    }
    for (id, sent) in bodies {
        assert!(sent.iter().all(|body| *body == sent[0]), "event {id} has changed");
    }
    stage.tell();
}

async fn op_06_a_crash_at_any_statement_about_an_endpoint_leaves_it_whole(engine: Engine) {
    let stage = Stage::new(engine);
    let create = async |scene: &Scene| {
        let request = scene.app.request(Method::POST, PATH).bearer_auth(scene.known("client"));
        let body = json!({ "url": "http://127.0.0.1:9/" });
        send(request.header("idempotency-key", "one").json(&body)).await.status
    };
    stage
        .play(
            "creation of an endpoint, with a key",
            with_client,
            async |scene: &Scene| create(scene).await == 201,
            async |scene: &Scene| {
                // The secret is not kept: a call that was answered is not repeated.
                let again = create(scene).await;
                assert!(again == 409 || again == 201 && !scene.heard, "{again}");
                if again == 409 && scene.app.column("webhook_endpoints", "id").is_empty() {
                    scene.app.advance(chrono::TimeDelta::seconds(61));
                    assert_eq!(create(scene).await, 201);
                }
                assert_eq!(scene.app.column("webhook_endpoints", "id").len(), 1);
            },
        )
        .await;
    let pending = async |app: &TestApp| endpoint(app, "http://127.0.0.1:9/").await;
    let path = |scene: &Scene| format!("{PATH}/{}", scene.known("endpoint"));
    stage
        .play(
            "rotation of an endpoint's secret",
            pending,
            async |scene: &Scene| {
                call(scene, Method::POST, &format!("{}/rotate-secret", path(scene)), None).await.status == 200
            },
            async |scene: &Scene| {
                let again = call(scene, Method::POST, &format!("{}/rotate-secret", path(scene)), None).await;
                assert!([200, 409].contains(&again.status), "{again}");
            },
        )
        .await;
    let update = async |scene: &Scene| {
        let body = json!({ "description": "ERP" });
        call(scene, Method::PATCH, &path(scene), Some(body)).await.status == 200
    };
    stage.play("update of an endpoint", pending, update, async |scene: &Scene| assert!(update(scene).await)).await;
    stage
        .play(
            "end of an endpoint",
            pending,
            async |scene: &Scene| call(scene, Method::DELETE, &path(scene), None).await.status == 204,
            async |scene: &Scene| {
                let again = call(scene, Method::DELETE, &path(scene), None).await;
                assert!(again.status == 404 || again.status == 204 && !scene.heard, "{again}");
                assert_eq!(scene.app.events("webhook_endpoint_deleted"), 1);
            },
        )
        .await;
    stage.tell();
}
