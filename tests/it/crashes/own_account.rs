//! What customers do with their own account: password, address, lock-down.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    reset::one_password,
    sessions::signed_in,
    stage::{Scene, Stage},
};
use crate::support::{Answer, Customer, Engine, TestApp, engine_tests, send, text};

engine_tests![
    op_06_a_crash_at_any_statement_of_a_change_of_password_leaves_one,
    op_06_a_crash_at_any_statement_of_a_change_of_address_leaves_one,
    op_06_a_crash_at_any_statement_of_a_lock_down_leaves_it_whole,
];

const NEW: &str = "Zimske-gume-27";
const NEW_ADDRESS: &str = "nova@example.si";

/// Uses a link that takes the number beside its token.
async fn use_link(scene: &Scene, path: &str, name: &str) -> Answer {
    scene.app.post(path, json!({ "token": scene.known(name), "customer_number": Customer::ANA.number })).await
}

async fn op_06_a_crash_at_any_statement_of_a_change_of_password_leaves_one(engine: Engine) {
    let stage = Stage::new(engine);
    let change = async |scene: &Scene| {
        let body = json!({
            "current_password": Customer::ANA.password, "new_password": NEW, "new_password_confirmation": NEW,
        });
        scene.app.change(scene.known("access"), body).await.status == 200
    };
    let is_either = async |scene: &Scene| {
        let is_new = scene.app.sign_in(Customer::ANA.number, NEW).await.status == 201;
        assert!(is_new || !scene.heard, "an acknowledged change is lost");
        one_password(scene, is_new).await;
        // The sessions of others end with the old password, and with it alone.
        let another = scene.app.account(scene.known("another_access")).await;
        another.assert_status(if is_new { 401 } else { 200 });
    };
    stage.play("change of the password", signed_in, change, is_either).await;
    stage
        .play(
            "change of an expired password",
            async |app: &TestApp| {
                app.make(&Customer::ANA).await;
                app.advance(TimeDelta::days(400));
                let refused = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
                refused.assert_problem(403, "password-expired");
                json!({ "change": refused.json()["change_token"] })
            },
            async |scene: &Scene| {
                let body = json!({ "new_password": NEW, "new_password_confirmation": NEW });
                scene.app.change(scene.known("change"), body).await.status == 200
            },
            async |scene: &Scene| {
                let other = "Jesenske-gume-28";
                let body = json!({ "new_password": other, "new_password_confirmation": other });
                let token = scene.known("change");
                let again = scene.patiently(async || scene.app.change(token, body.clone()).await).await;
                let was_changed = again.status == 401;
                assert!(was_changed || again.status == 200 && !scene.heard, "{again}");
                let password = if was_changed { NEW } else { other };
                scene.app.sign_in(Customer::ANA.number, password).await.assert_status(201);
            },
        )
        .await;
    stage.tell();
}

/// Asks for another address, and keeps the links of both mails.
async fn asked(app: &TestApp) -> Value {
    let mut known = signed_in(app).await;
    let request = app.request(Method::POST, "/v1/account/email").bearer_auth(text(&known, "access"));
    let body = json!({ "email": NEW_ADDRESS, "current_password": Customer::ANA.password });
    send(request.json(&body)).await.assert_status(202);
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    let link = |to: &str| mails.iter().rfind(|mail| mail.to() == to).unwrap().token();
    known["confirms"] = link(NEW_ADDRESS).into();
    known["withdraws"] = link(Customer::ANA.email).into();
    known
}

async fn op_06_a_crash_at_any_statement_of_a_change_of_address_leaves_one(engine: Engine) {
    let stage = Stage::new(engine);
    let ask = async |scene: &Scene| {
        let request = scene.app.request(Method::POST, "/v1/account/email").bearer_auth(scene.known("access"));
        let body = json!({ "email": NEW_ADDRESS, "current_password": Customer::ANA.password });
        send(request.json(&body)).await.status == 202
    };
    stage
        .play("request of another address", signed_in, ask, async |scene: &Scene| {
            assert!(ask(scene).await);
            scene.settle().await;
            let mails = scene.app.mail_api.mails().await;
            let link = mails.iter().rfind(|mail| mail.to() == NEW_ADDRESS).expect("the newest link").token();
            let form = json!({ "token": link, "customer_number": Customer::ANA.number });
            scene.app.post("/v1/email-changes/confirm", form).await.assert_status(200);
        })
        .await;
    let on_file = |scene: &Scene| scene.app.column("accounts", "email").remove(0);
    stage
        .play(
            "confirmation of another address",
            asked,
            async |scene: &Scene| use_link(scene, "/v1/email-changes/confirm", "confirms").await.status == 200,
            async |scene: &Scene| {
                let again = use_link(scene, "/v1/email-changes/confirm", "confirms").await;
                assert!(again.status == 410 || again.status == 200 && !scene.heard, "{again}");
                assert_eq!(on_file(scene), NEW_ADDRESS);
            },
        )
        .await;
    stage
        .play(
            "withdrawal of another address",
            asked,
            async |scene: &Scene| use_link(scene, "/v1/email-changes/withdraw", "withdraws").await.status == 200,
            async |scene: &Scene| {
                use_link(scene, "/v1/email-changes/withdraw", "withdraws").await;
                use_link(scene, "/v1/email-changes/confirm", "confirms").await.assert_status(410);
                assert_eq!(on_file(scene), Customer::ANA.email);
            },
        )
        .await;
    let confirm_present = async |scene: &Scene| {
        scene.app.call(Method::POST, "/v1/account/email/confirmation", scene.known("access")).await.status == 204
    };
    stage
        .play(
            "confirmation of the present address",
            async |app: &TestApp| {
                app.make(&Customer::ANA).await;
                app.advance(TimeDelta::days(170));
                let session = app.session(&Customer::ANA).await;
                json!({ "access": session["access_token"] })
            },
            confirm_present,
            async |scene: &Scene| assert!(confirm_present(scene).await),
        )
        .await;
    let show = async |scene: &Scene| {
        scene.app.call(Method::POST, "/v1/account/caller-code", scene.known("access")).await.status < 500
    };
    stage
        .play("code for a caller on the page", signed_in, show, async |scene: &Scene| assert!(show(scene).await))
        .await;
    stage.tell();
}

async fn op_06_a_crash_at_any_statement_of_a_lock_down_leaves_it_whole(engine: Engine) {
    let stage = Stage::new(engine);
    let is_locked = async |scene: &Scene| {
        for name in ["access", "another_access"] {
            scene.app.account(scene.known(name)).await.assert_status(401);
        }
        let refused = scene.app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
        refused.assert_problem(403, "password-expired");
        assert_eq!(refused.json()["reason"], "locked-down");
        scene.settle().await;
        let mails = scene.app.mail_api.mails().await;
        let way_back = mails.last().expect("the mail that leads back").token();
        scene.app.complete(&way_back, Customer::ANA.number, NEW).await.assert_status(200);
        one_password(scene, true).await;
    };
    let lock = async |scene: &Scene| {
        scene.app.call(Method::POST, "/v1/account/lock-down", scene.known("access")).await.status
    };
    stage
        .play(
            "lock-down by the owner",
            signed_in,
            async |scene: &Scene| lock(scene).await == 200,
            async |scene: &Scene| {
                let again = lock(scene).await;
                assert!(again == 401 || again == 200 && !scene.heard, "{again}");
                is_locked(scene).await;
            },
        )
        .await;
    stage
        .play(
            "lock-down by the link of a notice",
            async |app: &TestApp| {
                let mut known = signed_in(app).await;
                let elsewhere = app.request(Method::POST, "/v1/sessions").header("user-agent", "curl/8.5.0");
                let body = json!({ "customer_number": Customer::ANA.number, "password": Customer::ANA.password });
                send(elsewhere.json(&body)).await.assert_status(201);
                app.deliver_all().await;
                known["not_me"] = app.mail_api.mails().await.last().unwrap().token().into();
                known
            },
            async |scene: &Scene| use_link(scene, "/v1/lock-downs", "not_me").await.status == 200,
            async |scene: &Scene| {
                use_link(scene, "/v1/lock-downs", "not_me").await;
                is_locked(scene).await;
            },
        )
        .await;
    stage.tell();
}
