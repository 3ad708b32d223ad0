//! Machine clients: making them, their secrets and keys, their tokens and their end.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stakis_identity::{
    identity::clients::{self, CredentialChange, Registration},
    types::{ClientId, Scopes},
};

use super::{
    administration::with_client,
    stage::{Scene, Stage},
};
use crate::support::{
    Engine, TestApp, administrator, engine_tests,
    partner::{GRANT, Partner, about, ask_as},
};

engine_tests![op_06_a_crash_at_any_statement_about_a_client_leaves_it_whole];

fn partner(scene: &Scene) -> Partner {
    Partner {
        id: ClientId::from_text(scene.known("client_id").to_owned()),
        secret: scene.known("secret").to_owned(),
    }
}

async fn serves(scene: &Scene) -> bool {
    ask_as(&scene.app, scene.known("client_id"), scene.known("secret"), GRANT).await.status == 200
}

async fn op_06_a_crash_at_any_statement_about_a_client_leaves_it_whole(engine: Engine) {
    let stage = Stage::new(engine);
    let register = async |scene: &Scene| {
        let wanted = Registration::of_program("ERP".into(), Scopes::parse("accounts:read").unwrap());
        clients::register(&scene.app.app, &administrator(), wanted).await.is_ok()
    };
    let nothing = async |_: &TestApp| -> Value { json!({}) };
    stage
        .play("creation of a client", nothing, register, async |scene: &Scene| assert!(register(scene).await))
        .await;
    let rotate = async |scene: &Scene| {
        let made = clients::rotate_secret(&scene.app.app, &administrator(), partner(scene).id).await;
        made.is_ok_and(|made| matches!(made, CredentialChange::Made(_)))
    };
    stage
        .play("rotation of a client's secret", with_client, rotate, async |scene: &Scene| {
            assert!(serves(scene).await, "the one before serves on");
        })
        .await;
    let revoke =
        async |scene: &Scene| clients::revoke(&scene.app.app, &administrator(), partner(scene).id).await.is_ok();
    stage
        .play("end of a client", with_client, revoke, async |scene: &Scene| {
            assert!(revoke(scene).await);
            assert!(!serves(scene).await);
            assert_eq!(scene.app.events("client_revoked"), 1);
        })
        .await;
    stage.play("token for a client", with_client, serves, async |scene: &Scene| assert!(serves(scene).await)).await;
    let end_token = async |scene: &Scene| {
        let answer = about(&scene.app, "/oauth2/revoke", &partner(scene), scene.known("client")).await;
        answer.status == 200
    };
    stage
        .play("end of a token", with_client, end_token, async |scene: &Scene| {
            assert!(end_token(scene).await);
            let seen = about(&scene.app, "/oauth2/introspect", &partner(scene), scene.known("client")).await;
            assert_eq!(seen.json()["active"], false);
            scene.app.advance(TimeDelta::seconds(1));
        })
        .await;
    stage.tell();
}
