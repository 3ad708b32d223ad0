//! What time brings up, and what operators do: the seal of the trail, the upkeep, a new epoch, new signing keys.

use chrono::TimeDelta;
use serde_json::Value;
use stakis_identity::{
    identity::{audit, events, signing_keys, upkeep::begin_new_epoch},
    jobs,
    store::epoch::Passwords,
};

use super::{
    reset::one_password,
    sessions::signed_in,
    stage::{Scene, Stage},
};
use crate::support::{Customer, Engine, TestApp, administrator, engine_tests};

engine_tests![
    lo_06_a_crash_at_any_statement_of_a_seal_leaves_one_chain,
    op_06_a_crash_at_any_statement_of_the_upkeep_leaves_it_whole,
    dp_07_a_crash_at_any_statement_of_a_new_epoch_ends_everything,
];

/// Leaves entries of the trail, events, and links, mails and sessions to forget.
async fn used(app: &TestApp) -> Value {
    let mut known = signed_in(app).await;
    app.advance(TimeDelta::minutes(1));
    known["token"] = app.token_for(&Customer::ANA).await.into();
    known
}

async fn lo_06_a_crash_at_any_statement_of_a_seal_leaves_one_chain(engine: Engine) {
    let stage = Stage::new(engine);
    let seal = async |scene: &Scene| audit::seal_all(&scene.app.app).await.is_ok();
    // The stage verifies the trail.
    stage.play("seal of the trail", used, seal, async |scene: &Scene| assert!(seal(scene).await)).await;
    let sealed = async |app: &TestApp| {
        let known = used(app).await;
        audit::seal_all(&app.app).await.unwrap();
        known
    };
    let tell = async |scene: &Scene| audit::tell_head(&scene.app.app).await.is_ok();
    stage
        .play("event of the head of the trail", sealed, tell, async |scene: &Scene| {
            assert!(tell(scene).await);
            assert_eq!(
                scene.app.column("events", "event_type").iter().filter(|one| *one == "audit.head").count(),
                1
            );
        })
        .await;
    let publish = async |scene: &Scene| events::publish(&scene.app.app).await.is_ok();
    stage.play("publishing of events", used, publish, async |scene: &Scene| assert!(publish(scene).await)).await;
    stage.tell();
}

async fn op_06_a_crash_at_any_statement_of_the_upkeep_leaves_it_whole(engine: Engine) {
    let stage = Stage::new(engine);
    let keep_house = async |scene: &Scene| {
        jobs::keep_house(&scene.app.app).await;
        true
    };
    for (name, days) in
        [("upkeep after four days", 4), ("upkeep when a password expires", 166), ("upkeep after a year", 400)]
    {
        let later = async |app: &TestApp| {
            let mut known = used(app).await;
            if days > 30 {
                known["forgets_events"] = true.into();
            }
            app.advance(TimeDelta::days(days));
            known
        };
        stage
            .play(name, later, keep_house, async |scene: &Scene| {
                keep_house(scene).await;
            })
            .await;
    }
    let rotate = async |scene: &Scene| signing_keys::rotate(&scene.app.app, &administrator()).await.is_ok();
    stage
        .play("rotation of the signing key", signed_in, rotate, async |scene: &Scene| {
            scene.app.account(scene.known("access")).await.assert_status(200);
            scene.app.session(&Customer::ANA).await;
        })
        .await;
    stage.tell();
}

async fn dp_07_a_crash_at_any_statement_of_a_new_epoch_ends_everything(engine: Engine) {
    let stage = Stage::new(engine);
    let begin =
        async |scene: &Scene| begin_new_epoch(&scene.app.app, &administrator(), Passwords::Kept).await.is_ok();
    stage
        .play("new epoch", used, begin, async |scene: &Scene| {
            // An operator whose command was cut off gives it again.
            assert!(begin(scene).await);
            scene.app.verify(scene.known("token")).await.assert_link_unusable("withdrawn");
            scene.app.refresh(scene.known("refresh")).await.assert_status(401);
            one_password(scene, false).await;
        })
        .await;
    let expire =
        async |scene: &Scene| begin_new_epoch(&scene.app.app, &administrator(), Passwords::Expired).await.is_ok();
    stage
        .play("new epoch that expires passwords", used, expire, async |scene: &Scene| {
            assert!(expire(scene).await);
            let refused = scene.app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
            refused.assert_problem(403, "password-expired");
        })
        .await;
    stage.tell();
}
