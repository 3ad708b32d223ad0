//! Assertions that authenticate nobody: all get one answer.

use data_encoding::{BASE64URL, BASE64URL_NOPAD};
use serde_json::{Value, json};
use stakis_identity::{
    identity::{self, clients::Revocation},
    types::ClientId,
};

use super::assertions::{claims, present, with_keys};
use crate::support::{
    Answer, Engine, PUBLIC_URL, TestApp, administrator, engine_tests,
    partner::{Partner, assert_error},
    signing::ClientKey,
};

engine_tests![
    jw_04_an_assertion_with_wrong_claims_is_refused,
    jw_05_an_assertion_with_a_wrong_header_is_refused,
    ad_08_whose_assertion_it_is_decides_its_key_alone,
    ad_08_what_is_no_assertion_is_refused,
];

const HEADER: &str = r#"{"alg":"ES256"}"#;

/// A service that slows nobody down, so that every answer is about the assertion.
async fn service(engine: Engine) -> TestApp {
    TestApp::start_with(engine, |config| config.limits.enforced = false).await
}

fn assert_refused(answer: &Answer, first: &mut Option<Answer>, what: &str) {
    assert_eq!(answer.status, 401, "{what}: {answer}");
    assert_error(answer, 401, "invalid_client");
    if let Some(first) = first {
        assert_eq!(answer.comparable(), first.comparable(), "{what}");
    }
}

async fn refuse(app: &TestApp, first: &mut Option<Answer>, assertion: &str, what: &str) {
    let answer = present(app, assertion, "").await;
    assert_refused(&answer, first, what);
    first.get_or_insert(answer);
}

async fn jw_04_an_assertion_with_wrong_claims_is_refused(engine: Engine) {
    let app = service(engine).await;
    let key = ClientKey::p256("one");
    let [id, other] = [with_keys(&app, &[&key]).await, with_keys(&app, &[&key]).await];
    let now = app.app.clock.now().and_utc().timestamp();
    let token_endpoint = format!("{PUBLIC_URL}/oauth2/token");
    let wrong: Vec<(&str, Value)> = vec![
        ("aud", json!("https://elsewhere.test")),
        ("aud", json!(format!("{PUBLIC_URL}/"))),
        ("aud", json!(format!("{PUBLIC_URL}/oauth2/introspect"))),
        ("aud", json!([PUBLIC_URL, "https://elsewhere.test"])),
        ("aud", json!([PUBLIC_URL, token_endpoint])),
        ("aud", json!([])),
        ("aud", json!(null)),
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", json!(now + 3661)),
        ("exp", json!(u64::MAX)),
        ("exp", json!((now + 60).to_string())),
        ("exp", json!(-1)),
        ("exp", serde_json::from_str(&format!("{}.5", now + 60)).unwrap()),
        ("nbf", json!(now + 61)),
        ("nbf", json!("soon")),
        ("iat", json!(now + 61)),
        ("iat", json!(-1)),
        ("iss", json!(other)),
        ("sub", json!(other)),
        ("sub", json!("stakis")),
        ("jti", json!("")),
        ("jti", json!(7)),
    ];
    let mut first = None;
    for (name, value) in wrong {
        let mut changed = claims(&app, &id);
        changed[name] = value.clone();
        refuse(&app, &mut first, &key.sign(HEADER, &changed.to_string()), &format!("{name}: {value}")).await;
    }
    for name in ["iss", "sub", "aud", "exp", "jti"] {
        let mut changed = claims(&app, &id);
        changed.as_object_mut().unwrap().remove(name);
        refuse(&app, &mut first, &key.sign(HEADER, &changed.to_string()), name).await;
    }
    let twice = claims(&app, &id).to_string().replacen('{', &format!(r#"{{"exp":{},"#, now + 60), 1);
    refuse(&app, &mut first, &key.sign(HEADER, &twice), "a claim twice").await;
    present(&app, &key.sign(HEADER, &claims(&app, &id).to_string()), "").await.assert_status(200);
}

async fn jw_05_an_assertion_with_a_wrong_header_is_refused(engine: Engine) {
    let app = service(engine).await;
    let key = ClientKey::p256("one");
    let id = with_keys(&app, &[&key, &ClientKey::ed25519("two")]).await;
    let mut first = None;
    for header in [
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "es256" }),
        json!({ "alg": "ES384" }),
        json!({ "alg": "PS256" }),
        json!({ "alg": "EdDSA" }),
        json!({ "alg": "RS256" }),
        json!({}),
        json!({ "alg": "ES256", "kid": "two" }),
        json!({ "alg": "ES256", "kid": "three" }),
        json!({ "alg": "ES256", "kid": "" }),
        json!({ "alg": "ES256", "typ": "at+jwt" }),
        json!({ "alg": "ES256", "jku": "https://elsewhere.test/keys" }),
        json!({ "alg": "ES256", "x5u": "https://elsewhere.test/certificate" }),
        json!({ "alg": "ES256", "jwk": key.jwk }),
        json!({ "alg": "ES256", "crit": ["exp"] }),
        json!({ "alg": "ES256", "b64": false, "crit": ["b64"] }),
    ] {
        let assertion = key.sign(&header.to_string(), &claims(&app, &id).to_string());
        refuse(&app, &mut first, &assertion, &header.to_string()).await;
    }
    let unsigned = |header: &str| {
        let [header, claims] =
            [header, &claims(&app, &id).to_string()].map(|part| BASE64URL_NOPAD.encode(part.as_bytes()));
        format!("{header}.{claims}.")
    };
    for header in [r#"{"alg":"none"}"#, HEADER, r#"{"alg":"EdDSA"}"#] {
        refuse(&app, &mut first, &unsigned(header), "without a signature").await;
    }
    present(&app, &key.sign(HEADER, &claims(&app, &id).to_string()), "").await.assert_status(200);
}

async fn ad_08_whose_assertion_it_is_decides_its_key_alone(engine: Engine) {
    let app = service(engine).await;
    let [key, of_other] = [ClientKey::p256("one"), ClientKey::p256("one")];
    let [id, other] = [with_keys(&app, &[&key]).await, with_keys(&app, &[&of_other]).await];
    let with_secret = Partner::make(&app, "support:read").await;
    let mut first = None;
    for (signer, subject, what) in [
        (&of_other, &id, "the key of another client"),
        (&key, &other, "the same, the other way about"),
        (&key, &with_secret.id, "a client without keys"),
        (&key, &ClientId::mint(), "an unknown client"),
    ] {
        refuse(&app, &mut first, &signer.sign(HEADER, &claims(&app, subject).to_string()), what).await;
    }
    let revoked = identity::clients::revoke(&app.app, &administrator(), id.clone()).await.unwrap();
    assert_eq!(revoked, Revocation::Revoked);
    refuse(&app, &mut first, &key.sign(HEADER, &claims(&app, &id).to_string()), "a revoked client").await;
    present(&app, &of_other.sign(HEADER, &claims(&app, &other).to_string()), "").await.assert_status(200);
    assert_eq!(app.dump().counts()["spent_assertions"], 1, "nothing is kept of what was refused");
}

async fn ad_08_what_is_no_assertion_is_refused(engine: Engine) {
    let app = service(engine).await;
    let key = ClientKey::p256("one");
    let id = with_keys(&app, &[&key]).await;
    let fresh = || key.sign(HEADER, &claims(&app, &id).to_string());
    let mut first = None;
    for text in ["x", ".", "..", "...", "a.b.c", "e30.e30.e30", "%00", "%ff"] {
        refuse(&app, &mut first, text, text).await;
    }
    for (header, body) in [("[]", "{}"), (HEADER, "[]"), (HEADER, "null"), ("\u{feff}{}", "{}"), (HEADER, "{")] {
        refuse(&app, &mut first, &key.sign(header, body), body).await;
    }
    let good = fresh();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let bytes = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let cut = BASE64URL_NOPAD.encode(&bytes[..63]);
    let padded = BASE64URL.encode(&bytes);
    let zero = BASE64URL_NOPAD.encode(&[0; 64]);
    let mut flipped = bytes.clone();
    flipped[10] ^= 1;
    for wrong in [cut, padded, zero, BASE64URL_NOPAD.encode(&flipped), format!("{signature}.{signature}")] {
        refuse(&app, &mut first, &format!("{message}.{wrong}"), &wrong).await;
    }
    present(&app, &good, "").await.assert_status(200);
}
