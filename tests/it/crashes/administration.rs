//! What machine clients do with accounts, and the delivery events of mail APIs.

use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::outbox::record_delivery,
    types::{Clock as _, DeliveryKind},
};

use super::{
    reset::one_password,
    stage::{Scene, Stage},
};
use crate::support::{
    Answer, Customer, Engine, TestApp,
    delivery_events::{event_at, newest},
    engine_tests,
    machine::account_path,
    partner::Partner,
    send, text,
};

engine_tests![
    ap_10_a_crash_at_any_statement_of_a_creation_makes_one_account,
    op_06_a_crash_at_any_statement_of_an_act_leaves_it_whole,
    op_06_a_crash_at_any_statement_about_a_mail_leaves_it_whole,
];

/// Calls as the machine client of the preparation.
pub(super) async fn call(scene: &Scene, method: Method, path: &str, body: Option<Value>) -> Answer {
    let request = scene.app.request(method, path).bearer_auth(scene.known("client"));
    send(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

/// Makes the account of Ana with a session, and a client that may do everything.
pub(super) async fn with_client(app: &TestApp) -> Value {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let another = app.session(&Customer::ANA).await;
    app.deliver_all().await;
    let partner = Partner::with_every_scope(app).await;
    json!({
        "client": partner.token(app).await, "client_id": partner.id.as_str(), "secret": partner.secret,
        "path": account_path(app, &Customer::ANA).await, "access": session["access_token"],
        "another_access": another["access_token"],
    })
}

async fn create(scene: &Scene) -> Answer {
    let request = scene.app.request(Method::POST, "/v1/accounts").bearer_auth(scene.known("client"));
    let body = json!({
        "customer_number": Customer::BOJAN.number, "email": Customer::BOJAN.email, "send_activation": true,
    });
    send(request.header("idempotency-key", "one").json(&body)).await
}

async fn import(scene: &Scene) -> Answer {
    let rows = json!([
        { "customer_number": "000001", "email": "ana@podjetje.si", "display_name": "Ana" },
        { "customer_number": "000002", "locale": "hr" },
    ]);
    call(scene, Method::POST, "/v1/accounts/import", Some(json!({ "accounts": rows }))).await
}

async fn ap_10_a_crash_at_any_statement_of_a_creation_makes_one_account(engine: Engine) {
    let stage = Stage::new(engine);
    stage
        .play(
            "creation of an account, with a key",
            with_client,
            async |scene: &Scene| create(scene).await.status == 201,
            async |scene: &Scene| {
                // While the first call may still be at work, the key is taken.
                let mut again = create(scene).await;
                if again.status == 409 {
                    assert!(!scene.heard, "{again}");
                    scene.app.advance(chrono::TimeDelta::seconds(61));
                    again = create(scene).await;
                }
                again.assert_status(201);
                let third = create(scene).await;
                assert_eq!((third.status, &third.text), (201, &again.text), "the same key, the same answer");
                assert_eq!(scene.app.column("accounts", "id").len(), 2);
                scene.settle().await;
                let link = scene.app.mail_api.mails().await.last().expect("the activation").token();
                scene.app.complete(&link, Customer::BOJAN.number, "Zimske-gume-27").await.assert_status(200);
            },
        )
        .await;
    stage
        .play(
            "import of a batch",
            with_client,
            async |scene: &Scene| import(scene).await.status == 200,
            async |scene: &Scene| {
                import(scene).await.assert_status(200);
                assert_eq!(scene.app.column("accounts", "id").len(), 3);
            },
        )
        .await;
    stage.tell();
}

/// An act that takes a reason.
async fn act(scene: &Scene, what: &str) -> Answer {
    let path = format!("{}/{what}", scene.known("path"));
    call(scene, Method::POST, &path, Some(json!({ "reason": "zahteva stranke" }))).await
}

async fn op_06_a_crash_at_any_statement_of_an_act_leaves_it_whole(engine: Engine) {
    let stage = Stage::new(engine);
    let update = async |scene: &Scene| {
        let body = json!({ "display_name": "Avtoservis", "email": "nova@example.si" });
        call(scene, Method::PATCH, scene.known("path"), Some(body)).await
    };
    stage
        .play(
            "update of an account",
            with_client,
            async |scene: &Scene| update(scene).await.status == 200,
            async |scene: &Scene| assert_eq!(update(scene).await.json()["email"], "nova@example.si"),
        )
        .await;
    stage
        .play(
            "closing of an account",
            with_client,
            async |scene: &Scene| act(scene, "close").await.status == 200,
            async |scene: &Scene| {
                act(scene, "close").await.assert_status(200);
                scene.app.account(scene.known("access")).await.assert_status(401);
                assert_eq!(scene.app.events("user_closed"), 1);
            },
        )
        .await;
    stage
        .play(
            "reopening of an account",
            async |app: &TestApp| {
                let known = with_client(app).await;
                app.close(&Customer::ANA).await;
                known
            },
            async |scene: &Scene| act(scene, "reopen").await.status == 200,
            async |scene: &Scene| {
                act(scene, "reopen").await.assert_status(200);
                assert_eq!(scene.app.events("user_reopened"), 1);
                one_password(scene, false).await;
            },
        )
        .await;
    stage
        .play(
            "expiry of a password by a client",
            with_client,
            async |scene: &Scene| act(scene, "expire-password").await.status == 200,
            async |scene: &Scene| {
                act(scene, "expire-password").await.assert_status(200);
                let refused = scene.app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
                refused.assert_problem(403, "password-expired");
            },
        )
        .await;
    stage
        .play(
            "lock-down by a client",
            with_client,
            async |scene: &Scene| act(scene, "lock-down").await.status == 200,
            async |scene: &Scene| {
                act(scene, "lock-down").await.assert_status(200);
                scene.app.account(scene.known("access")).await.assert_status(401);
                assert_eq!(scene.app.events("user_locked_down"), 1);
            },
        )
        .await;
    stage
        .play(
            "end of the sessions by a client",
            with_client,
            async |scene: &Scene| {
                let path = format!("{}/sessions", scene.known("path"));
                call(scene, Method::DELETE, &path, None).await.status < 300
            },
            async |scene: &Scene| {
                let path = format!("{}/sessions", scene.known("path"));
                assert!(call(scene, Method::DELETE, &path, None).await.status < 300);
                scene.app.account(scene.known("access")).await.assert_status(401);
            },
        )
        .await;
    stage
        .play(
            "unlocking of a sign-in",
            async |app: &TestApp| {
                let known = with_client(app).await;
                while app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await.status == 401 {}
                known
            },
            async |scene: &Scene| act(scene, "unlock").await.status == 200,
            async |scene: &Scene| {
                act(scene, "unlock").await.assert_status(200);
                scene.app.session(&Customer::ANA).await;
                assert_eq!(scene.app.events("authn_login_unlocked"), 1);
            },
        )
        .await;
    stage
        .play(
            "erasure of an account",
            with_client,
            async |scene: &Scene| call(scene, Method::DELETE, scene.known("path"), None).await.status == 204,
            async |scene: &Scene| {
                let again = call(scene, Method::DELETE, scene.known("path"), None).await;
                assert!(again.status == 204 && !scene.heard || again.status == 404, "{again}");
                assert_eq!(scene.app.column("accounts", "id").len(), 0);
            },
        )
        .await;
    stage.tell();
}

async fn op_06_a_crash_at_any_statement_about_a_mail_leaves_it_whole(engine: Engine) {
    let stage = Stage::new(engine);
    let reset = async |scene: &Scene| {
        let path = format!("{}/password-resets", scene.known("path"));
        call(scene, Method::POST, &path, None).await
    };
    stage
        .play(
            "reset mail at the request of a client",
            with_client,
            async |scene: &Scene| reset(scene).await.status < 300,
            async |scene: &Scene| {
                reset(scene).await;
                scene.settle().await;
                let link = scene.app.mail_api.mails().await.last().expect("the mail").token();
                scene.app.complete(&link, Customer::ANA.number, "Zimske-gume-27").await.assert_status(200);
            },
        )
        .await;
    let mailed = async |app: &TestApp| {
        let mut known = with_client(app).await;
        app.advance(chrono::TimeDelta::minutes(1));
        app.token_for(&Customer::ANA).await;
        known["mail"] = newest(app).1.into();
        known
    };
    let bounce = async |scene: &Scene| {
        let mail = scene.known("mail");
        let event = event_at(scene.app.clock.now(), "event", mail, DeliveryKind::BouncedHard);
        record_delivery(&scene.app.app, "mailpit", vec![event]).await.is_ok()
    };
    stage
        .play("bounce of a mail", mailed, bounce, async |scene: &Scene| {
            assert!(bounce(scene).await);
            assert_eq!((scene.app.events("mail_delivery"), scene.app.suppressions().len()), (1, 1));
        })
        .await;
    stage
        .play(
            "lifting of a pause of an address",
            async |app: &TestApp| {
                let known = mailed(app).await;
                let event = event_at(app.clock.now(), "event", text(&known, "mail"), DeliveryKind::BouncedHard);
                record_delivery(&app.app, "mailpit", vec![event]).await.unwrap();
                known
            },
            async |scene: &Scene| act(scene, "lift-suppression").await.status == 200,
            async |scene: &Scene| {
                act(scene, "lift-suppression").await.assert_status(200);
                assert!(scene.app.suppressions().is_empty());
                assert_eq!(scene.app.events("mail_suppression_lifted"), 1);
            },
        )
        .await;
    let ask = async |scene: &Scene| {
        let body = json!({ "customer_number": Customer::ANA.number, "deliver_to": "mail" });
        call(scene, Method::POST, "/v1/support/caller-codes", Some(body)).await
    };
    stage
        .play(
            "question who calls",
            with_client,
            async |scene: &Scene| ask(scene).await.status == 201,
            async |scene: &Scene| assert!([201, 409, 429].contains(&ask(scene).await.status)),
        )
        .await;
    let diagnose = async |scene: &Scene| {
        let body = json!({ "customer_number": Customer::ANA.number });
        call(scene, Method::POST, "/v1/support/diagnosis", Some(body)).await.status == 200
    };
    stage.play("diagnosis", mailed, diagnose, async |scene: &Scene| assert!(diagnose(scene).await)).await;
    stage.tell();
}
