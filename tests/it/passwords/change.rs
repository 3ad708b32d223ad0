//! Changing the password of a signed-in customer.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Customer, Engine, TestApp, database_tests, engine_tests, send, text};

const NEW: &str = "Zimske-gume-27";

fn form(current: &str, new: &str) -> Value {
    json!({ "current_password": current, "new_password": new, "new_password_confirmation": new })
}

database_tests![
    ch_05_the_session_goes_on_with_new_tokens_and_all_others_end,
    ch_01_a_change_needs_the_current_password,
    ch_01_a_wrong_current_password_counts_with_the_failed_sign_ins,
    every_wrong_field_of_a_change_at_once,
    ch_11_rules_about_the_account_count_only_after_the_current_password,
    ch_11_neither_the_current_password_nor_one_of_the_last_three,
    ch_11_a_reset_keeps_the_history_too,
    tk_10_a_change_withdraws_every_reset_link,
    ch_07_a_notice_goes_out,
    ch_08_bad_passwords_are_clear_problems_and_lose_nothing,
    two_changes_at_once_and_one_wins,
    rl_04_a_change_forgets_every_device_but_the_acting_one,
    lg_10_no_customer_route_changes_the_address,
];

async fn ch_05_the_session_goes_on_with_new_tokens_and_all_others_end(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let other = app.session(&Customer::ANA).await;
    let before = app.session(&Customer::ANA).await;
    let answer = app.change(text(&before, "access_token"), form(Customer::ANA.password, NEW)).await;
    answer.assert_status(200);
    let after = answer.json();
    assert_eq!(after["message"], "Geslo je bilo zamenjano.");
    assert_eq!(after["session_id"], before["session_id"]);
    assert_eq!(after["device_token"], before["device_token"]);
    app.account(text(&after, "access_token")).await.assert_status(200);
    for ended in [&other, &before] {
        app.account(text(ended, "access_token")).await.assert_problem(401, "invalid-token");
        app.refresh(text(ended, "refresh_token")).await.assert_problem(401, "invalid-token");
    }
    app.refresh(text(&after, "refresh_token")).await.assert_status(200);
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(401, "invalid-credentials");
    app.sign_in(Customer::ANA.number, NEW).await.assert_status(201);
    assert_eq!(app.events("authn_password_change"), 1);
    app.deliver_all().await;
}

async fn ch_01_a_change_needs_the_current_password(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let bearer = text(&session, "access_token");
    let answer = app.change(bearer, form("Napacno-geslo-1", NEW)).await;
    answer.assert_problem(422, "validation-failed");
    assert_eq!(answer.field_errors(), ["#/current_password incorrect_password"]);
    let missing = json!({ "new_password": NEW, "new_password_confirmation": NEW });
    assert_eq!(app.change(bearer, missing).await.field_errors(), ["#/current_password required"]);
    let no_token = app.request(Method::POST, "/v1/account/password").json(&form(Customer::ANA.password, NEW));
    send(no_token).await.assert_problem(401, "invalid-token");
    // The body of a call without a token is not looked at.
    let unreadable = || app.request(Method::POST, "/v1/account/password").json(&json!({ "x": 1 }));
    send(unreadable()).await.assert_problem(401, "invalid-token");
    send(unreadable().bearer_auth(bearer)).await.assert_problem(400, "malformed-request");
    app.account(bearer).await.assert_status(200);
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
}

async fn ch_01_a_wrong_current_password_counts_with_the_failed_sign_ins(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let (bearer, device) = (text(&session, "access_token"), text(&session, "device_token"));
    for _ in 0..3 {
        app.change(bearer, form("Napacno-geslo-1", NEW)).await.assert_status(422);
    }
    for _ in 0..2 {
        app.sign_in_from(device, Customer::ANA.number, "Napacno-geslo-1")
            .await
            .assert_problem(401, "invalid-credentials");
    }
    let answer = app.change(bearer, form(Customer::ANA.password, NEW)).await;
    answer.assert_problem(429, "rate-limited");
    assert_eq!(answer.header("retry-after"), "1");
    app.sign_in_from(device, Customer::ANA.number, "Napacno-geslo-1")
        .await
        .assert_problem(401, "invalid-credentials");
    assert_eq!(app.events("authn_password_change_fail"), 3);
    app.advance(TimeDelta::seconds(1));
    app.change(bearer, form(Customer::ANA.password, NEW)).await.assert_status(200);
    app.deliver_all().await;
}

async fn every_wrong_field_of_a_change_at_once(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let bearer = text(&session, "access_token");
    let all = ["#/current_password required", "#/new_password required", "#/new_password_confirmation required"];
    assert_eq!(app.change(bearer, json!({})).await.field_errors(), all);
    let body = json!({ "current_password": "Napacno-geslo-1", "new_password": "geslo", "new_password_confirmation": "Geslo" });
    assert_eq!(
        app.change(bearer, body).await.field_errors(),
        [
            "#/current_password incorrect_password",
            "#/new_password too_short",
            "#/new_password missing_uppercase",
            "#/new_password missing_digit",
            "#/new_password_confirmation passwords_differ"
        ]
    );
}

async fn ch_11_rules_about_the_account_count_only_after_the_current_password(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let bearer = text(&session, "access_token");
    for new in [Customer::ANA.password, "Delavnica7"] {
        let answer = app.change(bearer, form("Napacno-geslo-1", new)).await;
        assert_eq!(answer.field_errors(), ["#/current_password incorrect_password"], "{new}");
    }
    let answer = app.change(bearer, form(Customer::ANA.password, "Delavnica7")).await;
    assert_eq!(answer.field_errors(), ["#/new_password contains_email"]);
}

async fn ch_11_neither_the_current_password_nor_one_of_the_last_three(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let mut bearer = text(&session, "access_token").to_owned();
    let passwords = [Customer::ANA.password, "Drugo-geslo-1", "Tretje-geslo-2", "Cetrto-geslo-3", "Peto-geslo-4"];
    for pair in passwords.windows(2) {
        let same = app.change(&bearer, form(pair[0], pair[0])).await;
        assert_eq!(same.field_errors(), ["#/new_password same_as_current"]);
        let changed = app.change(&bearer, form(pair[0], pair[1])).await;
        changed.assert_status(200);
        text(&changed.json(), "access_token").clone_into(&mut bearer);
        app.advance(TimeDelta::minutes(1));
    }
    for recent in &passwords[1..4] {
        let answer = app.change(&bearer, form(passwords[4], recent)).await;
        assert_eq!(answer.field_errors(), ["#/new_password used_recently"], "{recent}");
    }
    assert_eq!(app.dump().counts()["password_history"], 3, "no more is kept than is asked for");
    app.change(&bearer, form(passwords[4], passwords[0])).await.assert_status(200);
    app.deliver_all().await;
}

async fn ch_11_a_reset_keeps_the_history_too(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let answer = app.complete(&token, Customer::ANA.number, Customer::ANA.password).await;
    assert_eq!(answer.field_errors(), ["#/new_password same_as_current"]);
    // Where the number is not that of the link, nothing about the password is revealed.
    let answer = app.complete(&token, "004218", Customer::ANA.password).await;
    assert_eq!(answer.field_errors(), ["#/customer_number customer_number_mismatch"]);
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.advance(TimeDelta::minutes(6));
    app.deliver_all().await;
    let token = app.token_for(&Customer::ANA).await;
    let answer = app.complete(&token, Customer::ANA.number, Customer::ANA.password).await;
    assert_eq!(answer.field_errors(), ["#/new_password used_recently"]);
    assert_eq!(answer.json()["errors"][0]["params"], json!({ "history": 3 }));
    for _ in 0..9 {
        app.complete(&token, Customer::ANA.number, NEW).await.assert_problem(422, "validation-failed");
    }
    app.complete(&token, Customer::ANA.number, "Tretje-geslo-2").await.assert_link_unusable("withdrawn");
}

async fn tk_10_a_change_withdraws_every_reset_link(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.change(text(&session, "access_token"), form(Customer::ANA.password, NEW)).await.assert_status(200);
    app.verify(&token).await.assert_link_unusable("withdrawn");
    app.deliver_all().await;
}

async fn ch_07_a_notice_goes_out(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    app.change(text(&session, "access_token"), form(Customer::ANA.password, NEW)).await;
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].to(), mails[0].subject()), (Customer::ANA.email, "STAkis: geslo je bilo zamenjano"));
    assert!(!mails[0].text().contains(NEW) && !mails[0].text().contains("change-password"));
    // The one token in it locks the access down, and sets no password.
    app.verify(&mails[0].token()).await.assert_problem(410, "reset-link-unusable");
}

async fn ch_08_bad_passwords_are_clear_problems_and_lose_nothing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let bearer = text(&session, "access_token");
    let current = Customer::ANA.password;
    for (new, code) in [("K", "too_short"), (&*"Kv7".repeat(43), "too_long"), ("Kv7d\u{0}w9", "invalid_format")] {
        let errors = app.change(bearer, form(current, new)).await.field_errors();
        assert!(errors.contains(&format!("#/new_password {code}")), "{code}: {errors:?}");
    }
    for (wrong, code) in [("", "too_short"), (&*"x".repeat(129), "too_long"), ("a\u{0}b", "incorrect_password")] {
        let errors = app.change(bearer, form(wrong, NEW)).await.field_errors();
        assert_eq!(errors, [format!("#/current_password {code}")]);
    }
    let huge = form(current, &"K7v".repeat(400_000));
    app.change(bearer, huge).await.assert_problem(413, "payload-too-large");
    // The password has 128 characters, decomposed and with blanks around them. The composed form signs in.
    let decomposed = format!(" S\u{30c}{}7 ", "koda".repeat(31));
    let changed = app.change(bearer, form(current, &decomposed)).await;
    changed.assert_status(200);
    let composed = decomposed.replace("S\u{30c}", "Š");
    assert_eq!(composed.chars().count(), 128);
    app.sign_in(Customer::ANA.number, &composed).await.assert_status(201);
    app.sign_in(Customer::ANA.number, composed.trim()).await.assert_problem(401, "invalid-credentials");
    app.account(text(&changed.json(), "access_token")).await.assert_status(200);
    app.deliver_all().await;
}

async fn two_changes_at_once_and_one_wins(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut bearers = Vec::new();
    for _ in 0..4 {
        bearers.push(text(&app.session(&Customer::ANA).await, "access_token").to_owned());
    }
    let news: Vec<String> = (0..4).map(|index| format!("Zimske-gume-{index}x")).collect();
    let calls =
        bearers.iter().zip(&news).map(|(bearer, new)| app.change(bearer, form(Customer::ANA.password, new)));
    let answers = join_all(calls).await;
    let winners: Vec<_> = answers.iter().zip(&news).filter(|(answer, _)| answer.status == 200).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| [200, 401, 422].contains(&answer.status)), "{answers:?}");
    app.sign_in(Customer::ANA.number, winners[0].1).await.assert_status(201);
    app.deliver_all().await;
}

async fn rl_04_a_change_forgets_every_device_but_the_acting_one(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let other = app.session(&Customer::ANA).await;
    let acting = app.session(&Customer::ANA).await;
    assert_eq!(app.dump().counts()["devices"], 2);
    app.change(text(&acting, "access_token"), form(Customer::ANA.password, NEW)).await;
    assert_eq!(app.dump().counts()["devices"], 1);
    let again = app.sign_in_from(text(&acting, "device_token"), Customer::ANA.number, NEW).await.json();
    assert_eq!(again["device_token"], acting["device_token"]);
    let forgotten = app.sign_in_from(text(&other, "device_token"), Customer::ANA.number, NEW).await.json();
    assert_ne!(forgotten["device_token"], other["device_token"]);
    app.deliver_all().await;
}

async fn lg_10_no_customer_route_changes_the_address(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    for method in [Method::PUT, Method::PATCH, Method::POST] {
        let request = app.request(method, "/v1/account").bearer_auth(text(&session, "access_token"));
        send(request.json(&json!({ "email": "mallory@example.si" })))
            .await
            .assert_problem(405, "method-not-allowed");
    }
    let mut body = form(Customer::ANA.password, NEW);
    body["email"] = "mallory@example.si".into();
    app.change(text(&session, "access_token"), body).await.assert_problem(400, "malformed-request");
}

engine_tests![ch_11_without_history_the_one_before_may_come_back,];

async fn ch_11_without_history_the_one_before_may_come_back(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.password.history = Some(0)).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let changed = app.change(text(&session, "access_token"), form(Customer::ANA.password, NEW)).await.json();
    let bearer = text(&changed, "access_token");
    assert_eq!(app.dump().counts()["password_history"], 0);
    assert_eq!(app.change(bearer, form(NEW, NEW)).await.field_errors(), ["#/new_password same_as_current"]);
    app.change(bearer, form(NEW, Customer::ANA.password)).await.assert_status(200);
    app.deliver_all().await;
}
