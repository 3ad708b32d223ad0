//! `POST /oauth2/introspect`: what a token is worth (RFC 7662).

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    config::LimitsConfig,
    types::{ClientId, random_bytes},
};

use crate::support::{
    Answer, Customer, Engine, PUBLIC_URL, TestApp, database_tests, engine_tests, execute,
    limited::{HOUR, per, with},
    part,
    partner::{FORM, GRANT, Partner, about, assert_error},
    send, text,
};

database_tests![
    jw_14_a_live_token_is_told_with_its_claims,
    jw_14_whatever_is_worth_nothing_is_inactive_and_nothing_more,
    jw_14_whatever_ends_a_customers_token_is_told_at_once,
    jw_14_nothing_is_used_up_by_looking,
    jw_14_the_caller_is_authenticated,
];

engine_tests![jw_14_scanning_is_stopped_and_keeps_no_customer_out];

const INACTIVE: &str = r#"{"active":false}"#;

async fn introspect(app: &TestApp, partner: &Partner, token: &str) -> Answer {
    let answer = about(app, "/oauth2/introspect", partner, token).await;
    answer.assert_status(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    answer
}

async fn jw_14_a_live_token_is_told_with_its_claims(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let partner = Partner::make(app, "support:read accounts:read").await;
    let own = partner.token(app).await;
    let claims = part(&own, 1);
    let told = introspect(app, &partner, &own).await.json();
    let expected = json!({
        "active": true, "scope": "accounts:read support:read", "client_id": partner.id, "token_type": "Bearer",
        "exp": claims["exp"], "iat": claims["iat"], "sub": partner.id, "aud": PUBLIC_URL, "iss": PUBLIC_URL,
        "jti": claims["jti"],
    });
    assert_eq!(told, expected);

    let access = text(&session, "access_token");
    let claims = part(access, 1);
    let told = introspect(app, &partner, access).await.json();
    let expected = json!({
        "active": true, "client_id": "stakis", "token_type": "Bearer", "exp": claims["exp"], "iat": claims["iat"],
        "sub": session["account"]["id"], "aud": PUBLIC_URL, "iss": PUBLIC_URL, "jti": claims["jti"],
    });
    assert_eq!(told, expected);

    let told = introspect(app, &partner, text(&session, "refresh_token")).await.json();
    let expected = json!({
        "active": true, "client_id": "stakis", "iat": claims["iat"], "iss": PUBLIC_URL,
        "sub": session["account"]["id"],
        "exp": claims["iat"].as_i64().unwrap() + session["refresh_expires_in"].as_i64().unwrap(),
    });
    assert_eq!(told, expected);
    // A hint that is wrong, or that nobody knows, changes nothing (RFC 7662 §2.1).
    for hint in ["refresh_token", "access_token", "pin"] {
        let request =
            app.request(Method::POST, "/oauth2/introspect").basic_auth(&partner.id, Some(&partner.secret));
        let form = format!("token={own}&token_type_hint={hint}");
        let told = send(request.header("content-type", FORM).body(form)).await.json();
        assert_eq!(told["active"], true, "{hint}");
    }
}

async fn jw_14_whatever_is_worth_nothing_is_inactive_and_nothing_more(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let reset = app.token_for(&Customer::ANA).await;
    let [partner, other] = [Partner::make(app, "support:read").await, Partner::make(app, "support:read").await];
    let [own, foreign] = [partner.token(app).await, other.token(app).await];
    let access = text(&session, "access_token");
    let forged = format!("{}.{}", access.rsplit_once('.').unwrap().0, own.rsplit_once('.').unwrap().1);
    let made_up = data_encoding::BASE64URL_NOPAD.encode(&random_bytes::<32>());
    let [device, secret] = [text(&session, "device_token"), partner.secret.as_str()];
    for worthless in
        [foreign.as_str(), &forged, &made_up, &reset, device, secret, "x", "\u{0}", "č", &"x".repeat(9000)]
    {
        assert_eq!(introspect(app, &partner, worthless).await.text, INACTIVE, "{worthless:.60}");
    }
    assert_eq!(introspect(app, &other, &foreign).await.json()["active"], true);
    // Its scopes are gone, so it opens nothing.
    execute(&app.database.url, "UPDATE clients SET scopes = 'audit:read'").unwrap();
    assert_eq!(introspect(app, &partner, &own).await.text, INACTIVE);
    execute(&app.database.url, "UPDATE clients SET scopes = 'support:read'").unwrap();
    app.advance(TimeDelta::seconds(600));
    for expired in [own.as_str(), access] {
        assert_eq!(introspect(app, &partner, expired).await.text, INACTIVE);
    }
}

async fn jw_14_whatever_ends_a_customers_token_is_told_at_once(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let partner = Partner::make(app, "support:read").await;
    let are_live = async |session: &Value, expected: [bool; 2]| {
        for (name, expected) in ["access_token", "refresh_token"].into_iter().zip(expected) {
            let answer = introspect(app, &partner, text(session, name)).await;
            assert_eq!(answer.json()["active"], expected, "{name}");
            assert_eq!(answer.text == INACTIVE, !expected);
        }
    };
    let signed_out = app.session(&Customer::ANA).await;
    are_live(&signed_out, [true, true]).await;
    let access = text(&signed_out, "access_token");
    app.call(Method::DELETE, "/v1/sessions/current", access).await.assert_status(204);
    are_live(&signed_out, [false, false]).await;

    let rotated = app.session(&Customer::ANA).await;
    let next = app.refresh(text(&rotated, "refresh_token")).await;
    next.assert_status(200);
    are_live(&rotated, [true, false]).await;
    are_live(&next.json(), [true, true]).await;
    let elsewhere = app.session(&Customer::ANA).await;
    let elsewhere = text(&elsewhere, "access_token");
    app.call(Method::DELETE, "/v1/sessions", elsewhere).await.assert_status(204);
    are_live(&next.json(), [false, false]).await;
}

async fn jw_14_nothing_is_used_up_by_looking(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let partner = Partner::make(app, "support:read").await;
    let before = app.dump().without("clients").without("rate_limits").text();
    for name in ["refresh_token", "access_token", "refresh_token"] {
        assert_eq!(introspect(app, &partner, text(&session, name)).await.json()["active"], true);
    }
    assert_eq!(app.dump().without("clients").without("rate_limits").text(), before);
    app.refresh(text(&session, "refresh_token")).await.assert_status(200);
}

async fn jw_14_the_caller_is_authenticated(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let token = partner.token(app).await;
    let post =
        |form: String| app.request(Method::POST, "/oauth2/introspect").header("content-type", FORM).body(form);
    let asked = format!("token={token}");
    assert_error(&send(post(asked.clone())).await, 401, "invalid_client");
    assert_error(&send(post(asked.clone()).bearer_auth(&token)).await, 401, "invalid_client");
    let basic = |secret: &str| post(asked.clone()).basic_auth(&partner.id, Some(secret));
    assert_error(&send(basic("guess")).await, 401, "invalid_client");
    assert_error(&send(post(asked.clone()).basic_auth(ClientId::mint(), Some("x"))).await, 401, "invalid_client");
    send(basic(&partner.secret)).await.assert_status(200);
    let in_form = format!("{asked}&client_id={}&client_secret={}", partner.id, partner.secret);
    assert_eq!(send(post(in_form)).await.json()["active"], true);
    for form in ["", "token=", GRANT, "token=a&token=b"] {
        let request = post(form.to_owned()).basic_auth(&partner.id, Some(&partner.secret));
        assert_error(&send(request).await, 400, "invalid_request");
    }
    app.get("/oauth2/introspect").await.assert_problem(405, "method-not-allowed");
}

/// A stranger who sends made-up tokens to a partner makes it introspect them.
async fn jw_14_scanning_is_stopped_and_keeps_no_customer_out(engine: Engine) {
    let limits = LimitsConfig { introspection: Some(per(3, HOUR)), ..LimitsConfig::default() };
    let app = with(engine, &limits).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let [partner, other] = [Partner::make(&app, "support:read").await, Partner::make(&app, "support:read").await];
    for index in 0..3 {
        assert_eq!(introspect(&app, &partner, &format!("made-up-{index}")).await.text, INACTIVE);
    }
    for _ in 0..2 {
        let answer = about(&app, "/oauth2/introspect", &partner, "one-more").await;
        assert_error(&answer, 429, "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), "3600");
    }
    for name in ["access_token", "refresh_token"] {
        assert_eq!(introspect(&app, &partner, text(&session, name)).await.json()["active"], true);
    }
    assert_eq!(introspect(&app, &other, "made-up").await.text, INACTIVE);
    let noted = app.audit().into_iter().filter(|line| line.detail == "introspection").count();
    assert_eq!(noted, 1, "the trail notes it once an hour");
    app.advance(TimeDelta::minutes(21));
    assert_eq!(introspect(&app, &partner, "made-up").await.text, INACTIVE);
}
