//! Every kind of token is accepted only where it belongs, and forged ones nowhere.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Customer, TestApp, database_tests, own_key, part, partner::Partner, send, sign, text};

database_tests![
    jw_06_every_kind_of_token_is_refused_where_another_belongs,
    jw_04_claims_signed_with_our_own_key_are_checked_all_the_same,
    jw_01_headers_signed_with_our_own_key_are_checked_all_the_same,
    op_04_clocks_two_minutes_apart_lose_no_session,
    jw_07_the_subject_is_opaque_and_stays,
];

const NEW: &str = "Zimske-gume-27";

fn form() -> Value {
    json!({ "current_password": Customer::ANA.password, "new_password": NEW, "new_password_confirmation": NEW })
}

async fn jw_06_every_kind_of_token_is_refused_where_another_belongs(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let reset = app.token_for(&Customer::ANA).await;
    app.advance(TimeDelta::days(180) - TimeDelta::minutes(5));
    let live = app.session(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(5));
    let expired = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
    let change = text(&expired, "change_token");
    let (access, refresh, device) =
        (text(&live, "access_token"), text(&live, "refresh_token"), text(&live, "device_token"));
    let machine = Partner::make(app, "support:read accounts:read accounts:write").await.token(app).await;
    let challenge = app.post("/v1/challenges", json!({ "customer_number": Customer::ANA.number })).await.json();
    let all = [
        &*reset,
        access,
        refresh,
        device,
        change,
        &*machine,
        text(&challenge, "challenge"),
        text(&live, "session_id"),
    ];
    let all_but = |own: &[&str]| all.into_iter().filter(|token| !own.contains(token)).collect::<Vec<_>>();
    let this_session = format!("/v1/sessions/{}", text(&live, "session_id"));
    for bearer in all_but(&[access]) {
        for (method, path) in [
            (Method::GET, "/v1/account"),
            (Method::GET, "/v1/sessions"),
            (Method::DELETE, "/v1/sessions"),
            (Method::DELETE, "/v1/sessions/current"),
            (Method::DELETE, &this_session),
        ] {
            app.call(method, path, bearer).await.assert_problem(401, "invalid-token");
        }
    }
    for bearer in all_but(&[access, change]) {
        app.change(bearer, form()).await.assert_problem(401, "invalid-token");
    }
    for bearer in all_but(&[&machine]) {
        let body = json!({ "customer_number": Customer::ANA.number });
        let asked = app.request(Method::POST, "/v1/support/diagnosis").bearer_auth(bearer).json(&body);
        send(asked).await.assert_problem(401, "invalid-token");
    }
    for token in all_but(&[refresh]) {
        app.refresh(token).await.assert_problem(401, "invalid-token");
    }
    for token in all_but(&[&reset]) {
        app.verify(token).await.assert_link_unusable("unknown");
        app.complete(token, Customer::ANA.number, NEW).await.assert_link_unusable("unknown");
        app.withdraw(token, Customer::ANA.number).await.assert_link_unusable("unknown");
    }
    // Another kind of token in the place of a device token makes no device known.
    for _ in 0..5 {
        app.sign_in(Customer::ANA.number, "x").await.assert_problem(401, "invalid-credentials");
    }
    for token in all_but(&[device]) {
        app.sign_in_from(token, Customer::ANA.number, "x").await.assert_problem(429, "rate-limited");
    }
    app.sign_in_from(device, Customer::ANA.number, "x").await.assert_problem(401, "invalid-credentials");
    // The session is not affected by any of these attempts.
    app.account(access).await.assert_status(200);
    app.change(change, json!({ "new_password": NEW, "new_password_confirmation": NEW })).await.assert_status(200);
    app.deliver_all().await;
}

async fn jw_04_claims_signed_with_our_own_key_are_checked_all_the_same(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let good = text(&app.session(&Customer::ANA).await, "access_token").to_owned();
    let (kid, key) = own_key(app).await;
    let (header, claims) = (part(&good, 0).to_string(), part(&good, 1));
    assert!(header.contains(&kid));
    app.account(&sign(&key, &header, &claims.to_string())).await.assert_status_with(200, "the forging works");
    let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    let wrong: Vec<(&str, Value)> = vec![
        ("exp", json!(exp.to_string())),
        ("exp", json!(-exp)),
        ("exp", json!(0)),
        ("exp", json!(iat)),
        ("iat", json!(iat.to_string())),
        ("iat", json!(iat + 61)),
        ("iat", json!(null)),
        ("aud", json!("https://elsewhere.test")),
        ("aud", json!(["https://identity.test"])),
        ("iss", json!("https://identity.test/")),
        ("iss", json!("https://identity.test.evil.example")),
        ("client_id", json!("partner")),
        ("sub", json!(Customer::ANA.number)),
        ("sid", json!("another")),
        ("epoch", json!(1)),
        ("epoch", json!("0")),
        ("jti", json!("")),
        ("nbf", json!(iat + 3600)),
        ("admin", json!(true)),
    ];
    for (name, value) in wrong {
        let mut changed = claims.clone();
        changed[name] = value.clone();
        app.account(&sign(&key, &header, &changed.to_string())).await.assert_problem(401, "invalid-token");
    }
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti", "sid", "epoch"] {
        let mut changed = claims.clone();
        changed.as_object_mut().unwrap().remove(name);
        app.account(&sign(&key, &header, &changed.to_string())).await.assert_problem(401, "invalid-token");
    }
    // These numbers are JSON that no serializer would write.
    for (name, moment) in [("exp", exp), ("iat", iat)] {
        for odd in [&format!("{moment}.5"), &format!("{moment}.0"), "1e400", "1e9", "-1", "18446744073709551616"] {
            let changed = claims.to_string().replace(&format!("\"{name}\":{moment}"), &format!("\"{name}\":{odd}"));
            assert_ne!(changed, claims.to_string());
            app.account(&sign(&key, &header, &changed)).await.assert_problem(401, "invalid-token");
        }
    }
    let doubled = claims.to_string().replace("{\"iss\"", "{\"sub\":\"x\",\"iss\"");
    assert_ne!(doubled, claims.to_string());
    app.account(&sign(&key, &header, &doubled)).await.assert_problem(401, "invalid-token");
}

async fn jw_01_headers_signed_with_our_own_key_are_checked_all_the_same(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let good = text(&app.session(&Customer::ANA).await, "access_token").to_owned();
    let (_, key) = own_key(app).await;
    let (header, claims) = (part(&good, 0), part(&good, 1).to_string());
    for (name, value) in [
        ("typ", json!("JWT")),
        ("typ", json!("at+JWT")),
        ("typ", json!(null)),
        ("alg", json!("ES384")),
        ("alg", json!("HS256")),
        ("alg", json!("none")),
        ("kid", json!("../../secret.key")),
        ("kid", json!("x' UNION SELECT id FROM signing_keys --")),
        ("kid", json!(["a"])),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MII="])),
        ("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("cty", json!("JWT")),
        ("zip", json!("DEF")),
    ] {
        let mut changed = header.clone();
        changed[name] = value;
        app.account(&sign(&key, &changed.to_string(), &claims)).await.assert_problem(401, "invalid-token");
    }
    // One token is nested, and one has the shape of an encrypted one.
    app.account(&sign(&key, &header.to_string(), &format!("\"{good}\"")))
        .await
        .assert_problem(401, "invalid-token");
    app.account(&format!("{good}.x.y")).await.assert_problem(401, "invalid-token");
}

async fn op_04_clocks_two_minutes_apart_lose_no_session(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let ahead = app.instance_ahead(TimeDelta::minutes(2)).await;
    let session = app.session(&Customer::ANA).await;
    let body = json!({ "refresh_token": session["refresh_token"] });
    let next = send(app.client.post(ahead.join("/v1/sessions/refresh").unwrap()).json(&body)).await;
    next.assert_status(200);
    // At the instance behind, the token comes from the future, and the leeway does not cover two minutes.
    let bearer = text(&next.json(), "access_token").to_owned();
    app.account(&bearer).await.assert_problem(401, "invalid-token");
    app.advance(TimeDelta::minutes(1));
    app.account(&bearer).await.assert_status(200);
    // The token is sent to both instances. That is no theft, although its use lies in the future for the second one.
    let again = app.refresh(text(&session, "refresh_token")).await;
    again.assert_status(200);
    assert_eq!(again.json()["refresh_token"], next.json()["refresh_token"]);
    let third = app.refresh(text(&next.json(), "refresh_token")).await;
    third.assert_status(200);
    // The next token is sent twice to the instance behind. By the other clock, the token before it was used later.
    let again = app.refresh(text(&next.json(), "refresh_token")).await;
    assert_eq!(again.json()["refresh_token"], third.json()["refresh_token"]);
    app.refresh(text(&third.json(), "refresh_token")).await.assert_status(200);
    assert_eq!(app.events("authn_token_reuse"), 0);
}

async fn jw_07_the_subject_is_opaque_and_stays(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let first = app.session(&Customer::ANA).await;
    let changed = app.change(text(&first, "access_token"), form()).await.json();
    let subjects = [&first, &changed].map(|body| part(text(body, "access_token"), 1)["sub"].clone());
    assert_eq!(subjects[0], subjects[1]);
    assert_eq!(subjects[0], first["account"]["id"]);
    assert!(!part(text(&first, "access_token"), 1).to_string().contains(Customer::ANA.number));
    app.deliver_all().await;
}
