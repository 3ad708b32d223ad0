//! Signatures: secrets, key pairs, their replacement, and how they rest.

use std::collections::BTreeSet;

use aws_lc_rs::{
    hmac,
    signature::{ED25519, UnparsedPublicKey},
};
use chrono::TimeDelta;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{config, jobs};

use super::{
    owner::{Owner, deliver, start, tell},
    receiver::{Received, Receiver},
};
use crate::support::{Engine, TestApp, engine_tests, send, text};

engine_tests![
    wh_05_an_event_is_signed_with_the_secret_of_its_endpoint,
    wh_05_two_secrets_sign_for_a_day_while_one_replaces_the_other,
    wh_05_a_key_pair_signs_beside_the_secret,
    wh_05_public_keys_of_webhooks_verify_no_access_token,
    wh_09_a_secret_is_shown_once_and_rests_sealed,
    cf_03_another_secret_key_leaves_endpoints_their_secrets,
];

/// The signatures of a call, of one version.
fn signatures<'a>(call: &'a Received, version: &str) -> Vec<&'a str> {
    let all = call.header("webhook-signature").split(' ');
    all.filter_map(|one| one.strip_prefix(version)?.strip_prefix(',')).collect()
}

fn signed(call: &Received) -> String {
    format!("{}.{}.{}", call.id(), call.header("webhook-timestamp"), call.body)
}

/// The places in the header at which a signature by this secret stands.
fn signed_by(call: &Received, secret: &str) -> Vec<usize> {
    let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
    assert!((24..=64).contains(&key.len()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let good = |signature: &str| {
        hmac::verify(&key, signed(call).as_bytes(), &BASE64.decode(signature.as_bytes()).unwrap()).is_ok()
    };
    let all = signatures(call, "v1");
    all.iter().enumerate().filter(|(_, signature)| good(signature)).map(|(place, _)| place).collect()
}

/// The places in the header at which a signature by this public key stands.
fn signed_by_pair(call: &Received, jwk: &Value) -> Vec<usize> {
    let key = BASE64URL_NOPAD.decode(text(jwk, "x").as_bytes()).unwrap();
    let key = UnparsedPublicKey::new(&ED25519, key);
    let good = |signature: &str| {
        key.verify(signed(call).as_bytes(), &BASE64.decode(signature.as_bytes()).unwrap()).is_ok()
    };
    let all = signatures(call, "v1a");
    all.iter().enumerate().filter(|(_, signature)| good(signature)).map(|(place, _)| place).collect()
}

async fn public_keys(app: &TestApp) -> Vec<Value> {
    let answer = app.get("/.well-known/webhook-keys.json").await;
    answer.assert_status(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    answer.json()["keys"].as_array().unwrap().clone()
}

async fn last(receiver: &Receiver, path: &str) -> Received {
    receiver.at(path).await.pop().unwrap()
}

async fn wh_05_an_event_is_signed_with_the_secret_of_its_endpoint(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let (a, b) = (owner.active(&receiver.url("/a")).await, owner.active(&receiver.url("/b")).await);
    assert_ne!(a.secret, b.secret);
    tell(&app, 1).await;
    let call = last(&receiver, "/a").await;
    assert_eq!((signed_by(&call, &a.secret), signed_by(&call, &b.secret)), (vec![0], vec![]));
    assert_eq!(signed_by(&last(&receiver, "/b").await, &b.secret), [0]);
    assert_eq!(call.header("webhook-signature").split(' ').count(), 1);
    let now = app.app.clock.now().and_utc().timestamp();
    assert_eq!(call.header("webhook-timestamp"), now.to_string());
    // The test events were signed too.
    assert_eq!(signed_by(&receiver.at("/a").await[0], &a.secret), [0]);
}

async fn rotate(owner: &Owner<'_>, id: &str) -> String {
    let answer = owner.post(&format!("/{id}/rotate-secret")).await;
    answer.assert_status(200);
    assert_eq!(answer.json().as_object().unwrap().len(), 1);
    text(&answer.json(), "secret").to_owned()
}

async fn wh_05_two_secrets_sign_for_a_day_while_one_replaces_the_other(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active(&receiver.url("/")).await;
    let second = rotate(&owner, &hook.id).await;
    app.advance(TimeDelta::hours(23));
    tell(&app, 1).await;
    let call = last(&receiver, "/").await;
    assert_eq!((signed_by(&call, &second), signed_by(&call, &hook.secret)), (vec![0], vec![1]));
    // A further one ends the first at once.
    let third = rotate(&owner, &hook.id).await;
    tell(&app, 1).await;
    let call = last(&receiver, "/").await;
    assert_eq!((signed_by(&call, &third), signed_by(&call, &second)), (vec![0], vec![1]));
    assert!(signed_by(&call, &hook.secret).is_empty());
    app.advance(TimeDelta::hours(24));
    tell(&app, 1).await;
    let call = last(&receiver, "/").await;
    assert_eq!(signed_by(&call, &third), [0]);
    assert_eq!(signatures(&call, "v1").len(), 1);
    let made = app.audit().iter().filter(|line| line.event == "webhook_secret_created").count();
    assert_eq!(made, 2);
}

async fn wh_05_a_key_pair_signs_beside_the_secret(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    owner.active(&receiver.url("/plain")).await;
    let hook = owner.active_with(json!({ "url": receiver.url("/"), "signature": "v1a" })).await;
    assert_eq!(owner.show(&hook).await["signature"], "v1a");
    tell(&app, 1).await;
    let call = last(&receiver, "/").await;
    let keys = public_keys(&app).await;
    assert_eq!(keys.len(), 1, "an endpoint without `v1a` has none");
    let members: BTreeSet<&str> = keys[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, BTreeSet::from(["kty", "crv", "use", "alg", "kid", "x", "endpoint_id"]));
    assert_eq!(keys[0]["endpoint_id"], hook.id.as_str());
    assert_eq!(signed_by_pair(&call, &keys[0]), [0]);
    assert_eq!(signed_by(&call, &hook.secret), [0], "beside `v1`");
    assert!(signatures(&last(&receiver, "/plain").await, "v1a").is_empty());

    // While the pair is replaced, both are published, and both sign.
    rotate(&owner, &hook.id).await;
    tell(&app, 1).await;
    let call = last(&receiver, "/").await;
    let both = public_keys(&app).await;
    assert_eq!(both.len(), 2);
    assert_eq!(both[1], keys[0]);
    assert_eq!((signed_by_pair(&call, &both[0]), signed_by_pair(&call, &both[1])), (vec![0], vec![1]));
    app.advance(TimeDelta::hours(24));
    assert_eq!(public_keys(&app).await, both[..1]);
    owner.call(Method::DELETE, &format!("/{}", hook.id), None).await.assert_status(204);
    assert!(public_keys(&app).await.is_empty());
}

async fn wh_05_public_keys_of_webhooks_verify_no_access_token(engine: Engine) {
    let app = start(engine).await;
    let owner = Owner::of(&app).await;
    owner.make(json!({ "url": "http://127.0.0.1:9/", "signature": "v1a" })).await;
    let own = public_keys(&app).await;
    let of_tokens = app.get("/.well-known/jwks.json").await.json();
    let of_tokens = of_tokens["keys"].as_array().unwrap();
    assert!(own.iter().all(|key| of_tokens.iter().all(|other| other["kid"] != key["kid"])));
    let answer = send(app.request(Method::POST, "/.well-known/webhook-keys.json")).await;
    answer.assert_problem(405, "method-not-allowed");
}

async fn wh_09_a_secret_is_shown_once_and_rests_sealed(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active_with(json!({ "url": receiver.url("/"), "signature": "v1a" })).await;
    let second = rotate(&owner, &hook.id).await;
    tell(&app, 1).await;
    let mut seen = vec![owner.show(&hook).await.to_string(), owner.get("").await.text];
    seen.push(owner.get(&format!("/{}/deliveries", hook.id)).await.text);
    seen.push(app.dump().text());
    for secret in [&hook.secret, &second] {
        let bare = secret.strip_prefix("whsec_").unwrap();
        let bytes = BASE64.decode(bare.as_bytes()).unwrap();
        let hex = data_encoding::HEXLOWER.encode(&bytes);
        for text in &seen {
            assert!(!text.contains(bare) && !text.contains(&hex), "{text}");
        }
    }
    assert!(seen.iter().all(|text| !text.contains("whsec_")));
}

async fn cf_03_another_secret_key_leaves_endpoints_their_secrets(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let hook = owner.active_with(json!({ "url": receiver.url("/"), "signature": "v1a" })).await;
    let key = || BASE64.encode(&stakis_identity::types::random_bytes::<32>());
    let with_key = |text: &str| {
        let variables = [("STAKIS_SECRET_KEY".to_owned(), text.to_owned())];
        config::read(variables).unwrap().secret_key
    };
    let mut config = app.config.clone();
    config.secret_key_previous = Some(config.secret_key.clone());
    let next = key();
    config.secret_key = with_key(&next);
    let during = app.instance_with(&config).await;
    let sealed_with = app.column("webhook_keys", "secret_key_id");
    crate::events::reader::tell_closings(&app, 1).await;
    stakis_identity::identity::events::publish(&during).await.unwrap();
    assert_eq!(jobs::deliver_due_webhooks(&during).await.unwrap(), 1, "the previous key opens it");
    jobs::keep_house(&during).await;
    assert_ne!(app.column("webhook_keys", "secret_key_id"), sealed_with);
    config.secret_key_previous = None;
    let after = app.instance_with(&config).await;
    crate::events::reader::tell_closings(&app, 1).await;
    stakis_identity::identity::events::publish(&after).await.unwrap();
    assert_eq!(jobs::deliver_due_webhooks(&after).await.unwrap(), 1, "the previous key is not needed any more");
    let calls = receiver.all().await;
    let pair = public_keys(&app).await;
    for call in &calls {
        assert_eq!((signed_by(call, &hook.secret), signed_by_pair(call, &pair[0])), (vec![0], vec![0]));
    }
    assert_eq!(calls.len(), 3);
    assert_eq!(deliver(&app).await, 0);
}
