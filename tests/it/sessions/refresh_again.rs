//! A lost answer to a refresh is fetched again.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{passwords, upkeep::begin_new_epoch},
    store::epoch::Passwords,
    types::{CustomerNumber, RefreshToken},
};

use super::refreshing::{
    HOME, REISSUED, REUSE, ended, refresh_as, refresh_from, refused_and_goes_on, start, token,
};
use crate::support::{
    Answer, Customer, Engine, TestApp, administrator, base_config, database_tests, engine_tests, execute, send,
    text,
};

const NEW: &str = "Zimske-gume-27";
database_tests![
    jw_09_a_lost_answer_is_fetched_again_three_times,
    jw_09_the_grace_ends_thirty_seconds_after_the_use,
    jw_09_once_its_successor_is_used_a_token_is_refused_then_a_theft,
    jw_10_twenty_parallel_refreshes_over_two_instances_get_one_successor,
    jw_11_nothing_is_reissued_after_what_ends_refreshing,
    jw_11_nothing_is_reissued_once_the_password_has_expired,
    jw_11_a_token_that_a_change_of_the_password_has_ended_brings_nothing,
    op_05_tokens_of_the_release_before_are_exchanged_and_not_reissued,
];

async fn jw_09_a_lost_answer_is_fetched_again_three_times(app: &TestApp) {
    let (second, _) = app.second_instance().await;
    let first = start(app).await;
    let lost = app.refresh(token(&first)).await.json();
    let mut access_tokens = vec![text(&lost, "access_token").to_owned()];
    for index in 0..3 {
        app.advance(TimeDelta::seconds(1));
        let url = if index == 1 { &second } else { &app.url };
        let body = json!({ "refresh_token": token(&first) });
        let again = send(app.client.post(url.join("/v1/sessions/refresh").unwrap()).json(&body)).await;
        again.assert_status(200);
        let again = again.json();
        for same in ["refresh_token", "device_token", "session_id", "token_type", "account", "password"] {
            assert_eq!(again[same], lost[same], "{same}");
        }
        let access_token = text(&again, "access_token").to_owned();
        app.account(&access_token).await.assert_status(200);
        assert!(!access_tokens.contains(&access_token));
        access_tokens.push(access_token);
    }
    assert_eq!(app.events(REISSUED), 3);
    assert_eq!(app.counted("stakis_refresh_token_reissued_total"), 2, "and one at the second instance");
    assert_eq!(app.dump().counts()["refresh_tokens"], 2, "one live token, never two");
    let fourth = app.refresh(token(&first)).await;
    refused_and_goes_on(app, &fourth, token(&lost)).await;
    assert_eq!(app.counted("stakis_refresh_token_reuse_total"), 0);
    let trail = app.audit();
    let entry = trail.iter().find(|line| line.event == REISSUED).unwrap();
    assert_eq!((entry.actor.as_str(), entry.detail.as_str()), ("customer", "to the same network"));
    assert_eq!(entry.session_id, text(&first, "session_id"));
}

async fn jw_09_the_grace_ends_thirty_seconds_after_the_use(app: &TestApp) {
    let first = start(app).await;
    let second = app.refresh(token(&first)).await.json();
    app.advance(TimeDelta::seconds(30));
    let again = app.refresh(token(&first)).await;
    again.assert_status(200);
    assert_eq!(token(&again.json()), token(&second));
    // The grace counts from the first use, and no reissue prolongs it.
    app.advance(TimeDelta::seconds(1));
    let late = app.refresh(token(&first)).await;
    ended(app, &late, token(&second), "refresh token reused").await;
    assert_eq!(app.counted("stakis_refresh_token_reuse_total"), 1);
}

async fn jw_09_once_its_successor_is_used_a_token_is_refused_then_a_theft(app: &TestApp) {
    let first = start(app).await;
    let second = app.refresh(token(&first)).await.json();
    app.advance(TimeDelta::seconds(5));
    let third = app.refresh(token(&second)).await.json();
    app.advance(TimeDelta::seconds(25));
    app.refresh(token(&first)).await.assert_problem(401, "invalid-token");
    // The token after it still is within its own grace.
    let again = app.refresh(token(&second)).await;
    again.assert_status_with(200, "the session goes on");
    assert_eq!(token(&again.json()), token(&third));
    assert_eq!((app.events(REUSE), app.events(REISSUED)), (0, 1));
    app.advance(TimeDelta::seconds(1));
    let late = app.refresh(token(&first)).await;
    ended(app, &late, token(&third), "refresh token reused").await;
}

async fn jw_10_twenty_parallel_refreshes_over_two_instances_get_one_successor(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let (second, _) = app.second_instance().await;
    let session = app.session(&Customer::ANA).await;
    let body = json!({ "refresh_token": session["refresh_token"] });
    let calls = (0..20).map(|index| {
        let url = if index % 2 == 0 { &app.url } else { &second };
        send(app.client.post(url.join("/v1/sessions/refresh").unwrap()).json(&body))
    });
    let answers: Vec<Answer> = join_all(calls).await;
    let answered: Vec<Value> = answers.iter().filter(|answer| answer.status == 200).map(Answer::json).collect();
    assert_eq!(answered.len(), 4, "the rotation and its three reissues");
    let successor = token(&answered[0]);
    assert!(answered.iter().all(|body| token(body) == successor));
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.assert_problem(401, "invalid-token");
    }
    assert_eq!((app.events(REISSUED), app.events(REUSE)), (3, 0));
    let next = app.refresh(successor).await;
    next.assert_status_with(200, "the session goes on");
    app.advance(TimeDelta::seconds(31));
    let late = app.refresh(token(&session)).await;
    ended(app, &late, token(&next.json()), "refresh token reused").await;
}

async fn jw_11_nothing_is_reissued_after_what_ends_refreshing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let number = || CustomerNumber::parse(Customer::ANA.number).unwrap();
    let mut password = Customer::ANA.password;
    for what in ["sign-out", "change", "reset", "epoch", "expiry", "closing"] {
        let first = app.sign_in(Customer::ANA.number, password).await.json();
        app.deliver_all().await;
        let second = app.refresh(token(&first)).await.json();
        app.refresh(token(&first)).await.assert_status_with(200, what);
        match what {
            "sign-out" => {
                let bearer = text(&second, "access_token");
                app.call(Method::DELETE, "/v1/sessions/current", bearer).await.assert_status(204);
            }
            "change" => {
                let other = app.access_token(&Customer::ANA, password).await;
                let form =
                    json!({ "current_password": password, "new_password": NEW, "new_password_confirmation": NEW });
                app.change(&other, form).await.assert_status(200);
                app.deliver_all().await;
                password = NEW;
            }
            "reset" => {
                let link = app.token_for(&Customer::ANA).await;
                password = "Letne-pnevmatike-28";
                app.complete(&link, Customer::ANA.number, password).await.assert_status(200);
            }
            "epoch" => drop(begin_new_epoch(&app.app, &administrator(), Passwords::Kept).await.unwrap()),
            "expiry" => {
                passwords::expire(&app.app, &administrator(), number(), None).await.unwrap();
                app.refresh(token(&first)).await.assert_problem(401, "invalid-token");
                app.sign_in(Customer::ANA.number, password).await.assert_problem(403, "password-expired");
                app.deliver_all().await;
                let link = app.mail_api.mails().await.last().unwrap().token();
                password = "Vzmetenje-ob-4-uri";
                app.complete(&link, Customer::ANA.number, password).await.assert_status(200);
            }
            _ => app.close(&Customer::ANA).await,
        }
        app.refresh(token(&first)).await.assert_problem(401, "invalid-token");
        app.refresh(token(&second)).await.assert_problem(401, "invalid-token");
        app.deliver_all().await;
        app.advance(TimeDelta::minutes(10));
    }
    assert_eq!(app.events(REISSUED), 6);
}

async fn jw_11_nothing_is_reissued_once_the_password_has_expired(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(180) - TimeDelta::seconds(20));
    let first = app.session(&Customer::ANA).await;
    let second = app.refresh(token(&first)).await.json();
    app.advance(TimeDelta::seconds(19));
    app.refresh(token(&first)).await.assert_status(200);
    app.advance(TimeDelta::seconds(1));
    app.refresh(token(&first)).await.assert_problem(401, "invalid-token");
    app.refresh(token(&second)).await.assert_problem(401, "invalid-token");
    let trail = app.audit();
    let revoked: Vec<&str> =
        trail.iter().filter(|line| line.event == "authn_token_revoked").map(|line| line.detail.as_str()).collect();
    assert_eq!((revoked, app.events(REISSUED), app.events(REUSE)), (vec!["password expired"], 1, 0));
}

/// A thief of the token would come back by it after the very act that shuts him out.
async fn jw_11_a_token_that_a_change_of_the_password_has_ended_brings_nothing(app: &TestApp) {
    let first = start(app).await;
    let form = json!({ "current_password": Customer::ANA.password, "new_password": NEW, "new_password_confirmation": NEW });
    let changed = app.change(text(&first, "access_token"), form).await.json();
    app.deliver_all().await;
    let answer = app.refresh(token(&first)).await;
    let next = refused_and_goes_on(app, &answer, token(&changed)).await;
    let answer = app.refresh(token(&first)).await;
    let next = refused_and_goes_on(app, &answer, token(&next)).await;
    assert_eq!(app.events(REISSUED), 0);
    app.advance(TimeDelta::seconds(31));
    let late = app.refresh(token(&first)).await;
    ended(app, &late, token(&next), "refresh token reused").await;
}

/// As the release before writes them, which may serve beside this one.
async fn op_05_tokens_of_the_release_before_are_exchanged_and_not_reissued(app: &TestApp) {
    let session = start(app).await;
    let [used, current] = [[1; 32], [2; 32]].map(RefreshToken::from_bits);
    let session_id = text(&session, "session_id");
    let rows = [(&used, 1), (&current, 2)].map(|(token, generation)| {
        format!(
            "INSERT INTO refresh_tokens (token_hash, session_id, generation, created_at)
             SELECT '{}', id, {generation}, created_at FROM sessions WHERE id = '{session_id}';",
            token.hash().as_str()
        )
    });
    let used_now =
        format!("UPDATE refresh_tokens SET used_at = created_at WHERE token_hash = '{}';", used.hash().as_str());
    execute(&app.database.url, &format!("DELETE FROM refresh_tokens; {}{used_now}", rows.concat())).unwrap();
    app.refresh(used.expose()).await.assert_problem(401, "invalid-token");
    refresh_as(app, "curl/8.5", used.expose()).await.assert_problem(401, "invalid-token");
    let next = app.refresh(current.expose()).await;
    next.assert_status_with(200, "the session goes on");
    // What this release has exchanged has a successor that can be handed out again.
    let again = app.refresh(current.expose()).await;
    again.assert_status(200);
    assert_eq!(token(&again.json()), token(&next.json()));
    assert_eq!((app.events(REISSUED), app.events(REUSE)), (1, 0));
    app.advance(TimeDelta::seconds(31));
    let late = app.refresh(used.expose()).await;
    ended(app, &late, token(&next.json()), "refresh token reused").await;
}

engine_tests![
    jw_09_without_a_grace_a_used_token_ends_its_session,
    jw_09_the_grace_is_a_setting,
    cf_03_a_successor_whose_secret_key_is_gone_is_not_handed_out_again,
];

async fn jw_09_without_a_grace_a_used_token_ends_its_session(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.sessions.refresh_grace = TimeDelta::zero()).await;
    let first = start(&app).await;
    let second = app.refresh(token(&first)).await.json();
    let at_once = app.refresh(token(&first)).await;
    ended(&app, &at_once, token(&second), "refresh token reused").await;
}

async fn jw_09_the_grace_is_a_setting(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.sessions.refresh_grace = TimeDelta::seconds(60)).await;
    let first = start(&app).await;
    let second = app.refresh(token(&first)).await.json();
    app.advance(TimeDelta::seconds(60));
    assert_eq!(token(&app.refresh(token(&first)).await.json()), token(&second));
    app.advance(TimeDelta::seconds(1));
    let late = app.refresh(token(&first)).await;
    ended(&app, &late, token(&second), "refresh token reused").await;
}

async fn cf_03_a_successor_whose_secret_key_is_gone_is_not_handed_out_again(engine: Engine) {
    let app = TestApp::start(engine).await;
    let first = start(&app).await;
    let second = refresh_from(&app.app, HOME, Some("it"), token(&first)).await.unwrap();
    let mut config = app.config.clone();
    config.secret_key_previous =
        Some(std::mem::replace(&mut config.secret_key, base_config(&app.database).secret_key));
    let during = app.instance_with(&config).await;
    assert_eq!(refresh_from(&during, HOME, Some("it"), token(&first)).await.as_ref(), Some(&second));
    config.secret_key_previous = None;
    let after = app.instance_with(&config).await;
    assert_eq!(refresh_from(&after, HOME, Some("it"), token(&first)).await, None);
    assert_eq!(app.events(REUSE), 0);
    assert!(refresh_from(&after, HOME, Some("it"), &second).await.is_some(), "the session goes on");
}
