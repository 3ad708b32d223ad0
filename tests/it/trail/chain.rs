//! Batches that were changed or removed, and keys that change.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use secrecy::SecretString;
use stakis_identity::{
    config::SecretKeyBytes,
    crypto::{HeadStatement, Keyring},
    identity::audit::{self, LeftHead},
    types::random_bytes,
};

use super::tampering::{assert_whole, batches, fill, found, head, seal, tamper, verify};
use crate::support::{Customer, TestApp, database_tests, text};

database_tests![
    lo_06_each_changed_column_of_a_batch_is_found,
    lo_06_a_batch_that_is_gone_is_named,
    lo_06_who_seals_everything_again_is_found,
    lo_06_what_is_sealed_on_top_of_a_forgery_does_not_vouch_for_it,
    lo_06_the_seal_outlives_a_change_of_the_secret_key,
    lo_06_a_head_is_signed_by_a_key_that_no_table_holds,
    lo_06_a_forged_head_is_refused,
];

async fn lo_06_each_changed_column_of_a_batch_is_found(app: &TestApp) {
    fill(app).await;
    let (hash, key) = ("0".repeat(64), BASE64URL_NOPAD.encode(&[1; 32]));
    let signature = BASE64URL_NOPAD.encode(&[1; 64]);
    let last = batches(app);
    tamper(app, "CREATE TABLE before AS SELECT * FROM audit_batches");
    for (column, value, kind) in [
        ("first_position", "7", "batch_changed"),
        ("last_position", "100", "removed"),
        ("sealed_at", "'2026-01-01 00:00:00'", "batch_changed"),
        ("previous_head", hash.as_str(), "batch_changed"),
        ("previous_head", "NULL", "batch_changed"),
        ("previous_key_id", "NULL", "key_unknown"),
        ("head", hash.as_str(), "signature_wrong"),
        ("key_id", key.as_str(), "key_unknown"),
        ("signature", signature.as_str(), "signature_wrong"),
        ("signature", "''", "signature_wrong"),
    ] {
        let literal = if value.len() > 40 { format!("'{value}'") } else { value.to_owned() };
        for number in [2, last] {
            tamper(app, &format!("UPDATE audit_batches SET {column} = {literal} WHERE number = {number}"));
            let found = found(&verify(app).await);
            assert!(found.iter().any(|one| one.starts_with(kind)), "{column} of {number}: {found:?}");
            let back = format!("(SELECT {column} FROM before WHERE before.number = {number})");
            tamper(app, &format!("UPDATE audit_batches SET {column} = {back} WHERE number = {number}"));
            assert_whole(&verify(app).await);
        }
    }
    // The signatures of two batches change places.
    let other = |number: usize| format!("(SELECT signature FROM before WHERE before.number = {number})");
    tamper(
        app,
        &format!(
            "UPDATE audit_batches SET signature = {} WHERE number = 2;
             UPDATE audit_batches SET signature = {} WHERE number = 3",
            other(3),
            other(2)
        ),
    );
    assert_eq!(found(&verify(app).await), ["signature_wrong of 2", "signature_wrong of 3"]);
}

async fn lo_06_a_batch_that_is_gone_is_named(app: &TestApp) {
    fill(app).await;
    let ends = app.column("audit_batches", "last_position");
    let first: usize = ends[0].parse::<usize>().unwrap() + 1;
    let everything = "DELETE FROM audit_events WHERE id IN (SELECT event_id FROM audit_seals WHERE";
    // Its row alone, and then all of it.
    tamper(app, "DELETE FROM audit_batches WHERE number = 2");
    let gone = format!("batch_removed {first}-{}", ends[1]);
    let without_row = found(&verify(app).await);
    assert!(without_row.contains(&gone), "{without_row:?}");
    let of_batch = format!("position BETWEEN {first} AND {}", ends[1]);
    tamper(app, &format!("{everything} {of_batch}); DELETE FROM audit_seals WHERE {of_batch}"));
    assert_eq!(found(&verify(app).await), [gone]);
    // The first of all.
    let of_batch = format!("position <= {}", ends[0]);
    tamper(
        app,
        &format!(
            "{everything} {of_batch}); DELETE FROM audit_seals WHERE {of_batch};
             DELETE FROM audit_batches WHERE number = 1"
        ),
    );
    assert_eq!(found(&verify(app).await), [format!("batch_removed 1-{}", ends[1])]);
}

/// Somebody who has the database and no secret key empties the seal, and lets a service of his own make it again.
async fn seal_again_with_another_key(app: &TestApp) {
    let again = "DELETE FROM audit_seals; DELETE FROM audit_batches;
        INSERT INTO audit_unsealed (event_id, occurred_at) SELECT id, occurred_at FROM audit_events;
        UPDATE audit_events SET detail = 'credentials of another' WHERE event = 'authn_login_fail';";
    tamper(app, again);
    let mut config = app.config.clone();
    config.secret_key = other_key();
    // What else is sealed under the right key is in its way.
    tamper(app, "DELETE FROM signing_keys");
    let forger = app.instance_with(&config).await;
    audit::seal_all(&forger).await.unwrap();
    tamper(app, "DELETE FROM signing_keys");
}

fn other_key() -> SecretKeyBytes {
    SecretKeyBytes::parse(&SecretString::from(BASE64.encode(&random_bytes::<32>()))).unwrap()
}

async fn lo_06_who_seals_everything_again_is_found(app: &TestApp) {
    fill(app).await;
    let left = head(app).await;
    seal_again_with_another_key(app).await;
    let report = verify(app).await;
    assert_eq!(found(&report), ["key_unknown of 1"]);
    let against = audit::verify(&app.app, vec![LeftHead::parse(&app.app.keyring, &left).unwrap()]).await.unwrap();
    assert!(found(&against).iter().any(|one| one.starts_with("cut_off")), "{:?}", found(&against));
}

async fn lo_06_what_is_sealed_on_top_of_a_forgery_does_not_vouch_for_it(app: &TestApp) {
    fill(app).await;
    seal_again_with_another_key(app).await;
    app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await;
    seal(app).await;
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="trail"}"#), 1);
    app.sign_in(Customer::ANA.number, "Napacno-geslo-2").await;
    seal(app).await;
    assert_eq!(found(&verify(app).await), ["key_unknown of 2"]);
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="trail"}"#), 1, "it is raised once");
}

async fn lo_06_the_seal_outlives_a_change_of_the_secret_key(app: &TestApp) {
    fill(app).await;
    let mut config = app.config.clone();
    for round in 0..3 {
        config.secret_key_previous = Some(config.secret_key.clone());
        config.secret_key = other_key();
        let changed = app.instance_with(&config).await;
        // Whether something was sealed with the next key already, or not.
        assert_whole(&audit::verify(&changed, Vec::new()).await.unwrap());
        app.sign_in(Customer::ANA.number, &format!("Napacno-geslo-{round}")).await;
        audit::seal_all(&changed).await.unwrap();
        assert_whole(&audit::verify(&changed, Vec::new()).await.unwrap());
    }
    let mut keys = app.column("audit_batches", "key_id");
    keys.dedup();
    assert_eq!(keys.len(), 4, "each secret key has one of its own");
    // The first key follows from no setting any more. The batch after it vouches for it, and its signatures still count.
    let last = app.instance_with(&config).await;
    tamper(
        app,
        &format!("UPDATE audit_batches SET signature = '{}' WHERE number = 1", BASE64URL_NOPAD.encode(&[1; 64])),
    );
    assert_eq!(found(&audit::verify(&last, Vec::new()).await.unwrap()), ["signature_wrong of 1"]);
}

async fn lo_06_a_head_is_signed_by_a_key_that_no_table_holds(app: &TestApp) {
    fill(app).await;
    let head: serde_json::Value = serde_json::from_str(&head(app).await).unwrap();
    let number = |name: &str| head[name].as_i64().unwrap();
    let statement =
        HeadStatement { batch: number("batch"), position: number("position"), hash: text(&head, "hash") };
    let keyring = Keyring::new(&app.config.secret_key, None).unwrap();
    assert_eq!(keyring.trail_key().sign(&statement), text(&head, "signature"), "it follows from the secret key");
    assert_eq!(keyring.trail_key().id(), text(&head, "key_id"));
    let columns = app.column("audit_batches", "public_key");
    assert!(columns.iter().all(|key| key == text(&head, "public_key")));
    let other = Keyring::new(&other_key(), None).unwrap();
    assert_ne!(other.trail_key().public_key(), text(&head, "public_key"));
}

async fn lo_06_a_forged_head_is_refused(app: &TestApp) {
    fill(app).await;
    let head = head(app).await;
    let of = |text: &str| LeftHead::parse(&app.app.keyring, text).map_err(|error| error.to_string());
    let event =
        format!(r#"{{"id":"evt_x","type":"audit.head","timestamp":"2026-11-28T12:00:00.000Z","data":{head}}}"#);
    assert_eq!(of(&head), of(&event));
    let value: serde_json::Value = serde_json::from_str(&head).unwrap();
    let (batch, hash) = (&value["batch"], text(&value, "hash"));
    assert_eq!(of(&format!("{batch}:{hash}")).unwrap().hash, hash);
    let position = value["position"].as_i64().unwrap();
    let forged = head.replace(&format!("\"position\":{position}"), &format!("\"position\":{}", position + 1));
    assert_ne!(forged, head);
    assert!(of(&forged).unwrap_err().contains("signature"));
    for wrong in
        ["", "{", "{}", "1", "1:", "x:00", &format!("1:{}", "g".repeat(64)), &format!("{batch}:{}", &hash[1..])]
    {
        assert!(of(wrong).unwrap_err().contains("no head"), "{wrong}");
    }
}
