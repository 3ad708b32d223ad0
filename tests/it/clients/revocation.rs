//! `POST /oauth2/revoke`: the end of a token before its time (RFC 7009).

use chrono::TimeDelta;
use reqwest::Method;
use stakis_identity::{identity::Refusal, jobs, types::Scope};

use crate::support::{
    Customer, TestApp, database_tests, part,
    partner::{FORM, GRANT, Partner, about, assert_error, enter},
    send, text,
};

database_tests![
    jw_15_a_revoked_token_ends_at_once,
    jw_15_every_other_token_is_answered_alike_and_lives_on,
    jw_15_the_caller_is_authenticated,
    dp_02_a_revoked_token_is_forgotten_once_it_has_expired,
];

async fn jw_15_a_revoked_token_ends_at_once(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let [token, next] = [partner.token(app).await, partner.token(app).await];
    let answer = about(app, "/oauth2/revoke", &partner, &token).await;
    answer.assert_status(200);
    assert_eq!(
        (answer.text.as_str(), answer.header("cache-control"), answer.header("pragma")),
        ("", "no-store", "no-cache")
    );
    assert_eq!(enter(app, &token, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken);
    let told = about(app, "/oauth2/introspect", &partner, &token).await;
    assert_eq!((told.status, told.text.as_str()), (200, r#"{"active":false}"#));
    enter(app, &next, Scope::SupportRead).await.unwrap();
    about(app, "/oauth2/revoke", &partner, &token).await.assert_status_with(200, "once more");
    let jti = part(&token, 1)["jti"].as_str().unwrap().to_owned();
    let noted: Vec<_> = app.audit().into_iter().filter(|line| line.event == "client_token_revoked").collect();
    assert_eq!(noted.len(), 1);
    assert_eq!(
        (noted[0].detail.as_str(), noted[0].actor.as_str()),
        (jti.as_str(), &*format!("client {}", partner.id))
    );
    partner.ask(app, GRANT).await.assert_status_with(200, "the client itself goes on");
}

async fn jw_15_every_other_token_is_answered_alike_and_lives_on(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let [partner, other] = [Partner::make(app, "support:read").await, Partner::make(app, "support:read").await];
    let foreign = other.token(app).await;
    let own = partner.token(app).await;
    let [access, refresh] = ["access_token", "refresh_token"].map(|name| text(&session, name));
    let first = about(app, "/oauth2/revoke", &partner, "made-up").await;
    first.assert_status(200);
    for token in [foreign.as_str(), access, refresh, text(&session, "device_token"), &partner.secret, "\u{0}"] {
        let answer = about(app, "/oauth2/revoke", &partner, token).await;
        assert_eq!(answer.comparable(), first.comparable(), "{token:.40}");
    }
    enter(app, &foreign, Scope::SupportRead).await.unwrap();
    app.account(access).await.assert_status(200);
    app.refresh(refresh).await.assert_status(200);
    app.advance(TimeDelta::seconds(600));
    let answer = about(app, "/oauth2/revoke", &partner, &own).await;
    assert_eq!(answer.comparable(), first.comparable(), "an expired token");
    assert_eq!(app.dump().counts()["revoked_tokens"], 0);
    assert_eq!(app.events("client_token_revoked"), 0);
}

async fn jw_15_the_caller_is_authenticated(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let token = partner.token(app).await;
    let post = |form: String| app.request(Method::POST, "/oauth2/revoke").header("content-type", FORM).body(form);
    let wanted = format!("token={token}");
    assert_error(&send(post(wanted.clone())).await, 401, "invalid_client");
    let guess = post(wanted.clone()).basic_auth(&partner.id, Some("guess"));
    assert_error(&send(guess).await, 401, "invalid_client");
    for form in ["", "token=", "token=a&token=b"] {
        let request = post(form.to_owned()).basic_auth(&partner.id, Some(&partner.secret));
        assert_error(&send(request).await, 400, "invalid_request");
    }
    enter(app, &token, Scope::SupportRead).await.unwrap();
    let in_form = format!("{wanted}&client_id={}&client_secret={}", partner.id, partner.secret);
    send(post(in_form)).await.assert_status(200);
    assert_eq!(enter(app, &token, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken);
}

async fn dp_02_a_revoked_token_is_forgotten_once_it_has_expired(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let token = partner.token(app).await;
    about(app, "/oauth2/revoke", &partner, &token).await.assert_status(200);
    app.advance(TimeDelta::seconds(599));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["revoked_tokens"], 1);
    assert_eq!(enter(app, &token, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken);
    app.advance(TimeDelta::seconds(2));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["revoked_tokens"], 0);
    assert_eq!(enter(app, &token, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken);
}
