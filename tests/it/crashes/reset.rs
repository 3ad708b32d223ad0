//! The reset, from the request to the new password.

use serde_json::json;
use wiremock::ResponseTemplate;

use super::stage::{Scene, Stage};
use crate::support::{Customer, Engine, TestApp, engine_tests};

engine_tests![
    op_06_a_crash_at_any_statement_of_a_reset_leaves_it_whole,
    op_06_a_crash_at_any_statement_of_its_worker_loses_no_mail,
];

const NEW: &str = "Zimske-gume-27";

/// The password is the new one where the change was made, else the old one, and never both.
pub(super) async fn one_password(scene: &Scene, is_new: bool) {
    let (old, new) = if is_new { (401, 201) } else { (201, 401) };
    scene.app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(old);
    scene.app.sign_in(Customer::ANA.number, NEW).await.assert_status(new);
}

async fn op_06_a_crash_at_any_statement_of_a_reset_leaves_it_whole(engine: Engine) {
    let stage = Stage::new(engine);
    let known = async |app: &TestApp| {
        app.make(&Customer::ANA).await;
        json!({})
    };
    let linked = async |app: &TestApp| {
        app.make(&Customer::ANA).await;
        app.session(&Customer::ANA).await;
        let token = app.token_for(&Customer::ANA).await;
        json!({ "token": token })
    };
    let ask = async |scene: &Scene| scene.app.ask(Customer::ANA.number).await.status == 202;
    let ask_again = async |scene: &Scene| {
        scene.app.ask(Customer::ANA.number).await.assert_status(202);
        scene.settle().await;
        let mails = scene.app.mail_api.mails().await;
        assert_eq!(mails.len(), 1, "two requests within the cool-down send one mail");
        scene.app.verify(&mails[0].token()).await.assert_status(200);
    };
    stage.play("reset request", known, ask, ask_again).await;
    stage
        .play(
            "reset request for an unknown number",
            async |_: &TestApp| json!({}),
            ask,
            async |scene: &Scene| {
                scene.app.ask(Customer::ANA.number).await.assert_status(202);
                scene.settle().await;
                assert!(scene.app.mail_api.mails().await.is_empty());
            },
        )
        .await;
    stage
        .play(
            "check of a link",
            linked,
            async |scene: &Scene| scene.app.verify(scene.known("token")).await.status == 200,
            async |scene: &Scene| scene.app.verify(scene.known("token")).await.assert_status(200),
        )
        .await;
    let complete = async |scene: &Scene| {
        scene.app.complete(scene.known("token"), Customer::ANA.number, NEW).await.status == 200
    };
    let complete_again = async |scene: &Scene| {
        let token = scene.known("token");
        let again = scene.patiently(async || scene.app.complete(token, Customer::ANA.number, NEW).await).await;
        if again.status == 200 {
            assert!(!scene.heard, "a link was used twice");
        } else {
            again.assert_link_unusable("used");
        }
        one_password(scene, true).await;
        let third = scene.app.complete(scene.known("token"), Customer::ANA.number, "Jesenske-gume-28").await;
        third.assert_link_unusable("used");
    };
    stage.play("completion of a reset", linked, complete, complete_again).await;
    stage
        .play(
            "completion with another number",
            linked,
            async |scene: &Scene| {
                scene.app.complete(scene.known("token"), Customer::BOJAN.number, NEW).await.status == 422
            },
            async |scene: &Scene| {
                let token = scene.known("token");
                let right =
                    scene.patiently(async || scene.app.complete(token, Customer::ANA.number, NEW).await).await;
                right.assert_status(200);
            },
        )
        .await;
    stage
        .play(
            "withdrawal of a link",
            linked,
            async |scene: &Scene| {
                scene.app.withdraw(scene.known("token"), Customer::ANA.number).await.status == 200
            },
            async |scene: &Scene| {
                let again = scene.app.withdraw(scene.known("token"), Customer::ANA.number).await;
                assert!([200, 410].contains(&again.status), "{again}");
                let used = scene.app.complete(scene.known("token"), Customer::ANA.number, NEW).await;
                used.assert_link_unusable("withdrawn");
                one_password(scene, false).await;
            },
        )
        .await;
    stage.tell();
}

async fn op_06_a_crash_at_any_statement_of_its_worker_loses_no_mail(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = async |app: &TestApp| {
        app.make(&Customer::ANA).await;
        app.ask(Customer::ANA.number).await.assert_status(202);
        json!({})
    };
    let work = async |scene: &Scene| stakis_identity::jobs::run_all_due(&scene.app.app).await.is_ok();
    // The mail API may get the mail twice. The stage compares the two, and the link in it is one.
    let link_serves = async |scene: &Scene| {
        scene.settle().await;
        let mails = scene.app.mail_api.mails().await;
        let mail = mails.last().expect("a mail was handed over");
        scene.app.complete(&mail.token(), Customer::ANA.number, NEW).await.assert_status(200);
        assert_eq!(scene.app.column("reset_links", "id").len(), 1);
    };
    stage.play("worker: link and mail", asked, work, link_serves).await;
    stage
        .play(
            "worker: decoy of an unknown number",
            async |app: &TestApp| {
                app.ask(Customer::ANA.number).await.assert_status(202);
                json!({})
            },
            work,
            async |scene: &Scene| {
                scene.settle().await;
                assert!(scene.app.mail_api.mails().await.is_empty());
            },
        )
        .await;
    stage
        .play(
            "worker: mail API that fails",
            asked,
            async |scene: &Scene| {
                scene.app.mail_api.answer_with(ResponseTemplate::new(503)).await;
                stakis_identity::jobs::run_all_due(&scene.app.app).await.is_ok()
            },
            async |scene: &Scene| {
                crate::support::delivery_events::accept_by_id(&scene.app).await;
                link_serves(scene).await;
            },
        )
        .await;
    stage
        .play(
            "worker: notice of a change",
            async |app: &TestApp| {
                app.make(&Customer::ANA).await;
                let token = app.token_for(&Customer::ANA).await;
                app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
                json!({})
            },
            work,
            async |scene: &Scene| {
                scene.settle().await;
                let keys: std::collections::BTreeSet<_> =
                    scene.app.mail_api.mails().await.into_iter().map(|mail| mail.raw).collect();
                assert_eq!(keys.len(), 1, "one notice");
            },
        )
        .await;
    stage.tell();
}
