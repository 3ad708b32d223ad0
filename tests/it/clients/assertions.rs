//! `private_key_jwt`: a client that authenticates itself by what its own key signs (RFC 7523).

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{
        self,
        clients::{RegisteredClient, Registration},
    },
    types::{ClientId, Scope, Scopes},
};

use crate::support::{
    Answer, PUBLIC_URL, TestApp, administrator, database_tests,
    partner::{FORM, GRANT, Partner, assert_error, enter, register},
    send,
    signing::{ClientKey, key_set},
    text,
};

database_tests![
    ad_08_a_client_gets_a_token_by_what_its_key_signs,
    ad_08_an_assertion_authenticates_at_every_endpoint,
    ad_08_an_assertion_serves_once,
    ad_08_a_form_authenticates_in_one_way_alone,
    ad_08_replaced_keys_verify_nothing_from_then_on,
    rl_03_wrong_assertions_are_slowed_down_and_lock_nobody_out,
];

/// Registers a client that has these keys and no secret.
pub(crate) async fn with_keys(app: &TestApp, keys: &[&ClientKey]) -> ClientId {
    let scopes = Scopes::parse("support:read").unwrap();
    let registration = Registration::of_program("Partner d.o.o.".into(), scopes).with_keys_alone(&key_set(keys));
    let RegisteredClient { client, secret } = register(app, registration).await;
    assert!(secret.is_none());
    client.id
}

/// The claims of a good assertion.
pub(crate) fn claims(app: &TestApp, id: &ClientId) -> Value {
    let now = app.app.clock.now().and_utc().timestamp();
    json!({ "iss": id, "sub": id, "aud": PUBLIC_URL, "exp": now + 60, "iat": now, "jti": ClientId::mint() })
}

/// Sends an assertion with further parameters.
pub(crate) async fn present(app: &TestApp, assertion: &str, more: &str) -> Answer {
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    let form = format!("{GRANT}&client_assertion_type={kind}&client_assertion={assertion}{more}");
    post(app, "/oauth2/token", form).await
}

async fn post(app: &TestApp, path: &str, form: String) -> Answer {
    send(app.request(Method::POST, path).header("content-type", FORM).body(form)).await
}

async fn ad_08_a_client_gets_a_token_by_what_its_key_signs(app: &TestApp) {
    let [old, new, edwards] = [ClientKey::p256("old"), ClientKey::p256("new"), ClientKey::ed25519("edwards")];
    let id = with_keys(app, &[&old, &new, &edwards]).await;
    let named = format!("&client_id={id}");
    for (key, header) in [
        (&old, json!({ "alg": "ES256", "kid": "old" })),
        (&new, json!({ "alg": "ES256", "kid": "new", "typ": "JWT" })),
        // Without a `kid` every key of the algorithm may have signed.
        (&new, json!({ "alg": "ES256", "typ": "client-authentication+jwt" })),
        (&old, json!({ "alg": "ES256", "x5t#S256": "names a certificate" })),
        (&edwards, json!({ "alg": "EdDSA" })),
        (&edwards, json!({ "alg": "Ed25519", "kid": "edwards" })),
    ] {
        for (audience, more) in [
            (json!(PUBLIC_URL), ""),
            (json!([PUBLIC_URL]), named.as_str()),
            (json!(format!("{PUBLIC_URL}/oauth2/token")), "&scope=support:read"),
        ] {
            let mut claims = claims(app, &id);
            claims["aud"] = audience;
            claims["more"] = json!("means nothing here");
            let answer = present(app, &key.sign(&header.to_string(), &claims.to_string()), more).await;
            answer.assert_status_with(200, format!("{header} {claims}"));
            let token = answer.json();
            assert_eq!(token["scope"], "support:read");
            assert_eq!(enter(app, text(&token, "access_token"), Scope::SupportRead).await.unwrap().client_id, id);
        }
    }
    // The clocks of both sides may differ by a minute, and an assertion may live for an hour.
    for (name, seconds) in [("iat", 60), ("nbf", 60), ("exp", 3600)] {
        let mut claims = claims(app, &id);
        claims[name] = json!(app.app.clock.now().and_utc().timestamp() + seconds);
        present(app, &old.sign(r#"{"alg":"ES256"}"#, &claims.to_string()), "").await.assert_status_with(200, name);
    }
    assert_eq!(app.events("authn_login_fail"), 0);
}

async fn ad_08_an_assertion_authenticates_at_every_endpoint(app: &TestApp) {
    let key = ClientKey::p256("one");
    let id = with_keys(app, &[&key]).await;
    let kind = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let fresh = || key.sign(r#"{"alg":"ES256"}"#, &claims(app, &id).to_string());
    let token = present(app, &fresh(), "").await.json();
    let token = text(&token, "access_token");
    let form = |assertion: String| format!("token={token}&{kind}&client_assertion={assertion}");
    let told = post(app, "/oauth2/introspect", form(fresh())).await;
    assert_eq!((told.status, &told.json()["active"]), (200, &json!(true)));
    post(app, "/oauth2/revoke", form(fresh())).await.assert_status(200);
    assert_eq!(post(app, "/oauth2/introspect", form(fresh())).await.text, r#"{"active":false}"#);
    for path in ["/oauth2/introspect", "/oauth2/revoke"] {
        assert_error(&post(app, path, form("x".to_owned())).await, 401, "invalid_client");
    }
}

async fn ad_08_an_assertion_serves_once(app: &TestApp) {
    let key = ClientKey::p256("one");
    let [id, other] = [with_keys(app, &[&key]).await, with_keys(app, &[&key]).await];
    let of_first = claims(app, &id);
    let assertion = key.sign(r#"{"alg":"ES256"}"#, &of_first.to_string());
    let answers = join_all((0..6).map(|_| present(app, &assertion, ""))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| [200, 401].contains(&answer.status)));
    // Another signature over the same `jti` is the same assertion.
    let again = key.sign(r#"{"alg":"ES256","kid":"one"}"#, &of_first.to_string());
    assert_ne!(again, assertion);
    let answer = present(app, &again, "").await;
    assert!([401, 429].contains(&answer.status), "{answer}");
    // Another client may use the same `jti`.
    let mut of_other = claims(app, &other);
    of_other["jti"] = of_first["jti"].clone();
    present(app, &key.sign(r#"{"alg":"ES256"}"#, &of_other.to_string()), "").await.assert_status(200);
    assert!(!app.dump().text().contains(text(&of_first, "jti")), "a hash is stored");
    // It is refused for its age before the row of its use goes.
    app.advance(TimeDelta::seconds(60));
    assert_error(&present(app, &assertion, "").await, 401, "invalid_client");
}

async fn ad_08_a_form_authenticates_in_one_way_alone(app: &TestApp) {
    let key = ClientKey::p256("one");
    let registration = Registration::of_program("Partner".into(), Scopes::parse("support:read").unwrap());
    let RegisteredClient { client, secret } = register(app, registration.with_keys(&key_set(&[&key]))).await;
    let partner = Partner { id: client.id, secret: secret.unwrap().expose().to_owned() };
    let fresh = || key.sign(r#"{"alg":"ES256"}"#, &claims(app, &partner.id).to_string());
    partner.ask(app, GRANT).await.assert_status(200);
    present(app, &fresh(), "").await.assert_status(200);
    let with_secret = format!("&client_id={}&client_secret={}", partner.id, partner.secret);
    assert_error(&present(app, &fresh(), &with_secret).await, 400, "invalid_request");
    let kind = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    for half in [format!("client_assertion={}", fresh()), kind.to_owned()] {
        assert_error(&post(app, "/oauth2/token", format!("{GRANT}&{half}")).await, 400, "invalid_request");
    }
    let in_header = format!("{GRANT}&{kind}&client_assertion={}", fresh());
    assert_error(&partner.ask(app, &in_header).await, 400, "invalid_request");
    let saml = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    let form = format!("{GRANT}&{saml}&client_assertion={}", fresh());
    assert_error(&post(app, "/oauth2/token", form).await, 401, "invalid_client");
    let other = Partner::make(app, "support:read").await;
    let named = format!("&client_id={}", other.id);
    assert_error(&present(app, &fresh(), &named).await, 401, "invalid_client");
}

async fn ad_08_replaced_keys_verify_nothing_from_then_on(app: &TestApp) {
    let [old, new] = [ClientKey::p256("old"), ClientKey::p256("new")];
    let id = with_keys(app, &[&old]).await;
    let sign = |key: &ClientKey| key.sign(r#"{"alg":"ES256"}"#, &claims(app, &id).to_string());
    assert_error(&present(app, &sign(&new), "").await, 401, "invalid_client");
    identity::clients::set_keys(&app.app, &administrator(), id.clone(), &key_set(&[&old, &new])).await.unwrap();
    for key in [&old, &new] {
        present(app, &sign(key), "").await.assert_status(200);
    }
    identity::clients::set_keys(&app.app, &administrator(), id.clone(), &key_set(&[&new])).await.unwrap();
    assert_error(&present(app, &sign(&old), "").await, 401, "invalid_client");
    present(app, &sign(&new), "").await.assert_status(200);
    assert_eq!(app.events("client_keys_changed"), 2);
}

async fn rl_03_wrong_assertions_are_slowed_down_and_lock_nobody_out(app: &TestApp) {
    let [key, thief] = [ClientKey::p256("one"), ClientKey::p256("one")];
    let id = with_keys(app, &[&key]).await;
    let sign = |key: &ClientKey| key.sign(r#"{"alg":"ES256"}"#, &claims(app, &id).to_string());
    for _ in 0..5 {
        assert_error(&present(app, &sign(&thief), "").await, 401, "invalid_client");
    }
    assert_error(&present(app, &sign(&thief), "").await, 429, "temporarily_unavailable");
    present(app, &sign(&key), "").await.assert_status_with(200, "the right one always serves");
    let noted = app.audit().iter().filter(|line| line.detail == "client assertion").count();
    assert_eq!((noted, app.events("authn_login_fail_max")), (5, 1));
}
