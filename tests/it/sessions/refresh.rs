//! Continuing a session by refreshing its tokens.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{identity::sessions, jobs};

use crate::support::{
    Customer, Engine, TestApp, base_config, customer_context, database_tests, engine_tests, text,
};

const NEW: &str = "Zimske-gume-27";

database_tests![
    jw_09_a_refresh_rotates_and_answers_as_a_sign_in_does,
    jw_09_only_the_hash_of_a_refresh_token_is_stored,
    jw_09_a_reused_token_ends_its_session_and_leaves_an_event,
    jw_11_no_refresh_after_closing_change_reset_or_sign_out,
    jw_11_no_refresh_once_the_password_has_expired,
    lg_08_expired_sessions_are_ended_and_their_tokens_forgotten,
    bad_refresh_tokens_end_no_session,
];

async fn jw_09_a_refresh_rotates_and_answers_as_a_sign_in_does(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let first = app.session(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(5));
    let answer = app.refresh(text(&first, "refresh_token")).await;
    answer.assert_status(200);
    let second = answer.json();
    let keys = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&second), keys(&first));
    for same in ["session_id", "device_token", "token_type", "account", "password"] {
        assert_eq!(second[same], first[same], "{same}");
    }
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!(first["refresh_expires_in"], 30 * 86_400);
    assert_eq!(second["refresh_expires_in"], 30 * 86_400 - 300, "no more than is left of the session");
    app.account(text(&second, "access_token")).await.assert_status(200);
    app.refresh(text(&second, "refresh_token")).await.assert_status(200);
}

/// A copy of all tables, with a rotation whose answer was fetched again, brings nobody in.
async fn jw_09_only_the_hash_of_a_refresh_token_is_stored(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let first = app.session(&Customer::ANA).await;
    let second = app.refresh(text(&first, "refresh_token")).await.json();
    let again = app.refresh(text(&first, "refresh_token")).await.json();
    assert_eq!(again["refresh_token"], second["refresh_token"]);
    let dump = app.dump().text();
    for body in [&first, &second, &again] {
        for name in ["refresh_token", "device_token", "access_token"] {
            assert!(text(body, name).len() >= 43 && !dump.contains(text(body, name)), "{name}");
        }
    }
    let words = dump.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)));
    for word in words.filter(|word| [26, 43, 64].contains(&word.len())) {
        app.refresh(word).await.assert_problem(401, "invalid-token");
    }
    app.refresh(text(&second, "refresh_token")).await.assert_status(200);
}

async fn jw_09_a_reused_token_ends_its_session_and_leaves_an_event(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let first = app.session(&Customer::ANA).await;
    let other = app.session(&Customer::ANA).await;
    let second = app.refresh(text(&first, "refresh_token")).await.json();
    app.advance(TimeDelta::seconds(31));
    let reuse = app.refresh(text(&first, "refresh_token")).await;
    reuse.assert_problem(401, "invalid-token");
    assert!(reuse.header("www-authenticate").starts_with("Bearer"));
    app.refresh(text(&second, "refresh_token")).await.assert_problem(401, "invalid-token");
    app.account(text(&second, "access_token")).await.assert_problem(401, "invalid-token");
    assert_eq!(app.events("authn_token_reuse"), 1);
    app.refresh(text(&other, "refresh_token")).await.assert_status_with(200, "no other session is touched");
}

async fn jw_11_no_refresh_after_closing_change_reset_or_sign_out(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let signed_out = app.session(&Customer::ANA).await;
    let changed = app.session(&Customer::ANA).await;
    let changing = app.session(&Customer::ANA).await;
    let bearer = text(&signed_out, "access_token");
    app.call(Method::DELETE, "/v1/sessions/current", bearer).await.assert_status(204);
    let form = json!({ "current_password": Customer::ANA.password, "new_password": NEW, "new_password_confirmation": NEW });
    let goes_on = app.change(text(&changing, "access_token"), form).await.json();
    for ended in [&signed_out, &changed] {
        app.refresh(text(ended, "refresh_token")).await.assert_problem(401, "invalid-token");
    }
    app.deliver_all().await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, "Letne-pnevmatike-28").await.assert_status(200);
    app.refresh(text(&goes_on, "refresh_token")).await.assert_problem(401, "invalid-token");
    let closed = app.sign_in(Customer::ANA.number, "Letne-pnevmatike-28").await.json();
    app.close(&Customer::ANA).await;
    app.refresh(text(&closed, "refresh_token")).await.assert_problem(401, "invalid-token");
    app.deliver_all().await;
}

async fn jw_11_no_refresh_once_the_password_has_expired(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(179));
    let session = app.session(&Customer::ANA).await;
    app.advance(TimeDelta::hours(23));
    let session = app.refresh(text(&session, "refresh_token")).await.json();
    app.advance(TimeDelta::hours(1));
    app.refresh(text(&session, "refresh_token")).await.assert_problem(401, "invalid-token");
}

async fn lg_08_expired_sessions_are_ended_and_their_tokens_forgotten(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    app.refresh(text(&session, "refresh_token")).await;
    app.advance(TimeDelta::days(15));
    let young = app.session(&Customer::ANA).await;
    app.advance(TimeDelta::days(15));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.events("session_expired"), 1);
    assert_eq!(app.dump().counts()["sessions"], 2, "kept for three days to be looked into");
    app.advance(TimeDelta::hours(73));
    jobs::keep_house(&app.app).await;
    assert_eq!((app.dump().counts()["sessions"], app.dump().counts()["refresh_tokens"]), (1, 1));
    app.refresh(text(&young, "refresh_token")).await.assert_status(200);
}

async fn bad_refresh_tokens_end_no_session(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let good = text(&session, "refresh_token").to_owned();
    let mut changed = good.clone().into_bytes();
    changed[0] = if changed[0] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    let long = "x".repeat(10_000);
    for bad in [&good[..42], &format!("{good}{good}"), &changed, "", " ", &long, "' OR 1=1 --", "a\u{0}b"] {
        app.refresh(bad).await.assert_problem(401, "invalid-token");
    }
    for (body, status, slug) in [
        (json!({}), 422, "validation-failed"),
        (json!({ "refresh_token": null }), 400, "malformed-request"),
        (json!({ "refresh_token": [good] }), 400, "malformed-request"),
    ] {
        app.post("/v1/sessions/refresh", body).await.assert_problem(status, slug);
    }
    app.refresh(&good).await.assert_status_with(200, "nothing was lost");
}

engine_tests![
    lg_08_an_idle_session_ends,
    lg_08_a_session_ends_however_much_it_is_used,
    cf_03_refresh_and_device_tokens_outlive_a_change_of_the_secret_key,
];

async fn lg_08_an_idle_session_ends(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.sessions.idle_ttl = TimeDelta::hours(1)).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    assert_eq!(session["refresh_expires_in"], 3600);
    app.advance(TimeDelta::seconds(3599));
    let session = app.refresh(text(&session, "refresh_token")).await.json();
    app.advance(TimeDelta::seconds(3600));
    app.refresh(text(&session, "refresh_token")).await.assert_problem(401, "invalid-token");
}

async fn lg_08_a_session_ends_however_much_it_is_used(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.sessions.ttl = TimeDelta::hours(3)).await;
    app.make(&Customer::ANA).await;
    let mut session = app.session(&Customer::ANA).await;
    for _ in 0..2 {
        app.advance(TimeDelta::hours(1));
        session = app.refresh(text(&session, "refresh_token")).await.json();
    }
    assert_eq!(session["refresh_expires_in"], 3600);
    app.advance(TimeDelta::minutes(59));
    session = app.refresh(text(&session, "refresh_token")).await.json();
    app.advance(TimeDelta::minutes(1));
    app.refresh(text(&session, "refresh_token")).await.assert_problem(401, "invalid-token");
    app.account(text(&session, "access_token")).await.assert_problem(401, "invalid-token");
}

async fn cf_03_refresh_and_device_tokens_outlive_a_change_of_the_secret_key(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let mut config = app.config.clone();
    config.secret_key_previous =
        Some(std::mem::replace(&mut config.secret_key, base_config(&app.database).secret_key));
    drop(app.instance_with(&config).await);
    config.secret_key_previous = None;
    let rotated = app.instance_with(&config).await;
    let context = customer_context();
    let next = sessions::refresh(&rotated, &context, text(&session, "refresh_token")).await.ok().unwrap();
    // The key that made the device token is gone, so the session returns a new one.
    let device_token = next.device_token.expose();
    assert_ne!(device_token, text(&session, "device_token"));
    let again = app.sign_in_from(device_token, Customer::ANA.number, Customer::ANA.password).await;
    assert_eq!(app.dump().counts()["devices"], 1, "it is known");
    again.assert_status(201);
}
