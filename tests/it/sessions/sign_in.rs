//! Signing in, and the access token that the sign-in returns.

use chrono::TimeDelta;
use futures_util::future::join_all;
use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Value, json};
use stakis_identity::{
    config::JwtAlgorithm,
    identity::{self, Credentials, accounts, sessions::authenticate},
    types::{Clock as _, CustomerNumber, Id, Password},
};

use crate::support::{
    Customer, Engine, PUBLIC_URL, TestApp, administrator, customer_context, database_tests, engine_tests, part,
};

/// Verifies the token as a partner would, with nothing but the published keys.
async fn verify_by_jwks(app: &TestApp, token: &str) -> Value {
    let jwks = app.get("/.well-known/jwks.json").await;
    jwks.assert_status(200);
    let set: JwkSet = serde_json::from_str(&jwks.text).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = DecodingKey::from_jwk(set.find(header.kid.as_ref().unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[PUBLIC_URL]);
    validation.set_issuer(&[PUBLIC_URL]);
    // The clock of the tests stands in November 2026, so the library must not compare the expiry with the real time.
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims
}

database_tests![
    a_sign_in_answers_all_that_a_front_end_needs,
    jw_02_the_access_token_is_an_rfc_9068_jwt_that_the_jwks_verifies,
    jw_04_a_token_ends_by_our_clock,
    jw_16_a_token_counts_in_the_authorization_header_alone,
    lg_06_every_sign_in_is_a_session_of_its_own,
    all_wrong_fields_of_a_sign_in_at_once,
    lg_09_closing_ends_every_session_and_reopening_revives_none,
    lg_13_no_cookie_is_ever_set,
];

async fn a_sign_in_answers_all_that_a_front_end_needs(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let answer = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    answer.assert_status(201);
    let mut body = answer.json();
    for (pointer, length) in [("/session_id", 26), ("/account/id", 26)] {
        let id = body.pointer_mut(pointer).unwrap().take();
        assert_eq!(id.as_str().unwrap().len(), length);
    }
    for (name, length) in [("refresh_token", 43), ("device_token", 43)] {
        assert_eq!(body[name].take().as_str().unwrap().len(), length);
    }
    body["access_token"].take();
    insta::assert_snapshot!(serde_json::to_string_pretty(&body).unwrap(), @r#"
    {
      "session_id": null,
      "access_token": null,
      "token_type": "Bearer",
      "expires_in": 600,
      "refresh_token": null,
      "refresh_expires_in": 2592000,
      "device_token": null,
      "account": {
        "id": null,
        "customer_number": "004217",
        "email_state": "ok"
      },
      "password": {
        "changed_at": "2026-11-22T13:00:00.000Z",
        "expires_at": "2027-05-21T13:00:00.000Z",
        "change_recommended": false,
        "change_recommended_reasons": []
      }
    }
    "#);
}

async fn jw_02_the_access_token_is_an_rfc_9068_jwt_that_the_jwks_verifies(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let answer = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
    let token = answer["access_token"].as_str().unwrap();
    let header = part(token, 0);
    assert_eq!((header["typ"].as_str(), header["alg"].as_str()), (Some("at+jwt"), Some("ES256")));
    let claims = verify_by_jwks(app, token).await;
    assert_eq!(claims["iss"], PUBLIC_URL);
    assert_eq!(claims["aud"], PUBLIC_URL);
    assert_eq!(claims["client_id"], "stakis");
    assert_eq!(claims["sub"], answer["account"]["id"]);
    assert_eq!(claims["sid"], answer["session_id"]);
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 600);
    assert!(claims["jti"].as_str().unwrap().len() >= 26);
    // JW-07: the token holds no data of the customer.
    let whole = part(token, 1).to_string();
    assert!(!whole.contains(Customer::ANA.number) && !whole.contains('@'));
}

async fn jw_04_a_token_ends_by_our_clock(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.advance(TimeDelta::seconds(599));
    app.account(&token).await.assert_status(200);
    app.advance(TimeDelta::seconds(1));
    app.account(&token).await.assert_problem(401, "invalid-token");
}

async fn jw_16_a_token_counts_in_the_authorization_header_alone(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.get(&format!("/v1/account?access_token={token}")).await.assert_problem(401, "invalid-token");
    let twice =
        app.request(reqwest::Method::GET, "/v1/account").bearer_auth(&token).header("authorization", "Bearer x");
    crate::support::send(twice).await.assert_problem(401, "invalid-token");
    let basic = app.request(reqwest::Method::GET, "/v1/account").basic_auth("004217", Some(Customer::ANA.password));
    crate::support::send(basic).await.assert_problem(401, "invalid-token");
}

async fn lg_06_every_sign_in_is_a_session_of_its_own(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let first = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
    let second = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
    assert_ne!(first["session_id"], second["session_id"]);
    assert_ne!(first["access_token"], second["access_token"]);
}

async fn all_wrong_fields_of_a_sign_in_at_once(app: &TestApp) {
    let answer = app.post("/v1/sessions", json!({})).await;
    assert_eq!(answer.field_errors(), ["#/customer_number required", "#/password required"]);
    let answer = app.sign_in("12345", "").await;
    assert_eq!(answer.field_errors(), ["#/customer_number invalid_format", "#/password too_short"]);
    let answer = app.sign_in("123456", &"x".repeat(129)).await;
    assert_eq!(answer.field_errors(), ["#/password too_long"]);
    app.sign_in("123456", &"x".repeat(128)).await.assert_problem(401, "invalid-credentials");
    app.sign_in("123456", "a\u{0}b").await.assert_problem(401, "invalid-credentials");
    app.sign_in("123457", "x").await.assert_problem(401, "invalid-credentials");
    app.sign_in("123457", &"x".repeat(1 << 20)).await.assert_problem(413, "payload-too-large");
    app.make(&Customer::ANA).await;
    for blank in [" ", "\t", "\u{a0}"] {
        let padded = format!("{}{blank}", Customer::ANA.password);
        app.sign_in(Customer::ANA.number, &padded).await.assert_problem(401, "invalid-credentials");
    }
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
}

async fn lg_09_closing_ends_every_session_and_reopening_revives_none(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.close(&Customer::ANA).await;
    app.account(&token).await.assert_problem(401, "invalid-token");
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    accounts::reopen(&app.app, &administrator(), number, None).await.unwrap();
    app.account(&token).await.assert_problem(401, "invalid-token");
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    app.deliver_all().await;
}

async fn lg_13_no_cookie_is_ever_set(app: &TestApp) {
    app.make(&Customer::ANA).await;
    assert!(!app.sign_in(Customer::ANA.number, Customer::ANA.password).await.headers.contains_key("set-cookie"));
}

engine_tests![
    jw_03_the_algorithm_is_a_setting_and_old_keys_go_on_verifying,
    pw_11_a_changed_cost_is_taken_over_at_the_next_sign_in,
    rl_12_a_full_hash_queue_is_a_503_and_counts_against_nobody,
];

async fn jw_03_the_algorithm_is_a_setting_and_old_keys_go_on_verifying(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let old = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    for (algorithm, name) in [(JwtAlgorithm::EdDsa, "EdDSA"), (JwtAlgorithm::Rs256, "RS256")] {
        let mut config = app.config.clone();
        config.jwt_algorithm = algorithm;
        let other = app.instance_with(&config).await;
        let customer = authenticate(&other, &old).await;
        assert!(customer.is_ok(), "{name} instance takes the ES256 token");
        let now = app.clock.now();
        let sign = |now| other.signer.sign(&Id::from_text("a".into()), 0, &Id::from_text("s".into()), now).unwrap();
        assert_ne!(part(&sign(now), 0)["alg"], name, "published first");
        let now = now + TimeDelta::minutes(10);
        let token = sign(now);
        assert_eq!(part(&token, 0)["alg"], name);
        assert!(other.signer.verify(&token, now).is_ok());
        let jwk = other.signer.jwks().keys[0].clone();
        let mut validation = Validation::new(name.parse().unwrap());
        validation.set_audience(&[PUBLIC_URL]);
        validation.validate_exp = false;
        assert!(jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation).is_ok());
    }
}

async fn pw_11_a_changed_cost_is_taken_over_at_the_next_sign_in(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let mut config = app.config.clone();
    config.argon2.memory_kib = 128;
    let raised = app.instance_with(&config).await;
    let context = customer_context();
    let sign_in = async |password: &str| {
        let credentials = Credentials {
            customer_number: Some(Customer::ANA.number.to_owned()),
            password: Some(Password::new(password.to_owned())),
            device_token: None,
            proof: None,
        };
        identity::sign_in(&raised, &context, credentials).await
    };
    let stored = || ["password_hash", "password_cost"].map(|column| app.column("accounts", column).remove(0));
    let session = app.session(&Customer::ANA).await;
    assert!(sign_in("Napacno-geslo-1").await.is_err());
    assert_eq!(stored()[1], "$argon2id$v=19$m=64,t=1,p=1", "only after the right password");
    assert!(sign_in(Customer::ANA.password).await.is_ok());
    let rehashed = stored();
    assert_eq!(rehashed[1], "$argon2id$v=19$m=128,t=1,p=1");
    assert!(rehashed[0].starts_with(&rehashed[1]));
    assert!(sign_in(Customer::ANA.password).await.is_ok());
    assert_eq!(stored(), rehashed, "once");
    // The password stays the same, so no session and no token ends.
    app.account(session["access_token"].as_str().unwrap()).await.assert_status(200);
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    app.deliver_all().await;
}

async fn rl_12_a_full_hash_queue_is_a_503_and_counts_against_nobody(engine: Engine) {
    // The hash is slow enough for the queue to fill, also where the calls arrive one after the other.
    let app = TestApp::start_with(engine, |config| {
        config.argon2.concurrency = 1;
        config.argon2.memory_kib = 8192;
        config.argon2.iterations = 12;
    })
    .await;
    let numbers: Vec<String> = (0..160).map(|index| format!("{:06}", 300_000 + index)).collect();
    let answers = join_all(numbers.iter().map(|number| app.sign_in(number, "Napacno-geslo-1"))).await;
    let (refused, looked_at): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 503);
    assert!(refused.len() > 10 && looked_at.len() >= 65, "{} turned away", refused.len());
    for answer in refused {
        answer.assert_problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "5");
    }
    assert!(looked_at.iter().all(|answer| answer.status == 401));
    assert_eq!(app.dump().counts()["sign_in_failures"], looked_at.len(), "the others are given back");
}
