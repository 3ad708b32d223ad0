//! Signing in, refreshing and signing out.

use reqwest::Method;
use serde_json::{Value, json};

use super::stage::{Scene, Stage};
use crate::support::{Customer, Engine, TestApp, engine_tests, send, text};

engine_tests![
    op_06_a_crash_at_any_statement_of_a_sign_in_leaves_it_whole,
    jw_09_a_crash_at_any_statement_of_a_refresh_leaves_one_live_token,
];

/// Signs in, and keeps the tokens.
pub(super) async fn signed_in(app: &TestApp) -> Value {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let another = app.session(&Customer::ANA).await;
    app.deliver_all().await;
    json!({
        "access": session["access_token"],
        "refresh": session["refresh_token"],
        "id": session["session_id"],
        "device": session["device_token"],
        "another_access": another["access_token"],
        "another_id": another["session_id"],
    })
}

async fn op_06_a_crash_at_any_statement_of_a_sign_in_leaves_it_whole(engine: Engine) {
    let stage = Stage::new(engine);
    let made = async |app: &TestApp| {
        app.make(&Customer::ANA).await;
        json!({})
    };
    let sign_in =
        async |scene: &Scene| scene.app.sign_in(Customer::ANA.number, Customer::ANA.password).await.status == 201;
    let sign_in_again = async |scene: &Scene| {
        let session = scene.app.session(&Customer::ANA).await;
        scene.app.account(text(&session, "access_token")).await.assert_status(200);
        scene.app.refresh(text(&session, "refresh_token")).await.assert_status(200);
    };
    stage.play("sign-in", made, sign_in, sign_in_again).await;
    stage
        .play(
            "sign-in on a known device",
            signed_in,
            async |scene: &Scene| {
                let number = Customer::ANA.number;
                let device = scene.known("device");
                scene.app.sign_in_from(device, number, Customer::ANA.password).await.status == 201
            },
            sign_in_again,
        )
        .await;
    let guess =
        async |scene: &Scene| scene.app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await.status == 401;
    stage.play("sign-in with a wrong password", made, guess, sign_in_again).await;
    let guess_unknown =
        async |scene: &Scene| scene.app.sign_in(Customer::BOJAN.number, "Napacno-geslo-1").await.status == 401;
    stage.play("sign-in with an unknown number", made, guess_unknown, sign_in_again).await;
    stage
        .play(
            "sign-out",
            signed_in,
            async |scene: &Scene| {
                scene.app.call(Method::DELETE, "/v1/sessions/current", scene.known("access")).await.status == 204
            },
            async |scene: &Scene| {
                let again = scene.app.call(Method::DELETE, "/v1/sessions/current", scene.known("access")).await;
                assert!(again.status == 401 || again.status == 204 && !scene.heard, "{again}");
                scene.app.account(scene.known("access")).await.assert_status(401);
                scene.app.refresh(scene.known("refresh")).await.assert_status(401);
                scene.app.account(scene.known("another_access")).await.assert_status(200);
            },
        )
        .await;
    stage
        .play(
            "end of the other sessions",
            signed_in,
            async |scene: &Scene| {
                scene.app.call(Method::DELETE, "/v1/sessions", scene.known("access")).await.status < 300
            },
            async |scene: &Scene| {
                let again = scene.app.call(Method::DELETE, "/v1/sessions", scene.known("access")).await;
                assert!(again.status < 300, "{again}");
                scene.app.account(scene.known("access")).await.assert_status(200);
                scene.app.account(scene.known("another_access")).await.assert_status(401);
            },
        )
        .await;
    stage
        .play(
            "end of one session",
            signed_in,
            async |scene: &Scene| {
                let path = format!("/v1/sessions/{}", scene.known("another_id"));
                scene.app.call(Method::DELETE, &path, scene.known("access")).await.status == 204
            },
            async |scene: &Scene| {
                let path = format!("/v1/sessions/{}", scene.known("another_id"));
                let again = scene.app.call(Method::DELETE, &path, scene.known("access")).await;
                assert!([204, 404].contains(&again.status), "{again}");
                scene.app.account(scene.known("another_access")).await.assert_status(401);
            },
        )
        .await;
    let name = async |scene: &Scene| {
        let request = scene.app.request(Method::PATCH, &format!("/v1/sessions/{}", scene.known("id")));
        let body = json!({ "name": "Pult 1" });
        send(request.bearer_auth(scene.known("access")).json(&body)).await
    };
    stage
        .play(
            "name of a session",
            signed_in,
            async |scene: &Scene| name(scene).await.status == 200,
            async |scene: &Scene| assert_eq!(name(scene).await.json()["name"], "Pult 1"),
        )
        .await;
    stage.tell();
}

async fn jw_09_a_crash_at_any_statement_of_a_refresh_leaves_one_live_token(engine: Engine) {
    let stage = Stage::new(engine);
    stage
        .play(
            "refresh",
            signed_in,
            async |scene: &Scene| scene.app.refresh(scene.known("refresh")).await.status == 200,
            async |scene: &Scene| {
                // The answer was lost, so the same token brings its successor, and that one goes on.
                let again = scene.app.refresh(scene.known("refresh")).await;
                again.assert_status(200);
                scene.app.refresh(text(&again.json(), "refresh_token")).await.assert_status(200);
            },
        )
        .await;
    let stolen = async |app: &TestApp| {
        let known = signed_in(app).await;
        let first = text(&known, "refresh").to_owned();
        let second = app.refresh(&first).await.json();
        let third = app.refresh(text(&second, "refresh_token")).await.json();
        app.advance(chrono::TimeDelta::minutes(1));
        json!({ "stolen": second["refresh_token"], "live": third["refresh_token"] })
    };
    stage
        .play(
            "refresh with a token that was used",
            stolen,
            async |scene: &Scene| scene.app.refresh(scene.known("stolen")).await.status == 401,
            async |scene: &Scene| {
                scene.app.refresh(scene.known("stolen")).await.assert_status(401);
                scene.app.refresh(scene.known("live")).await.assert_status(401);
            },
        )
        .await;
    stage.tell();
}
