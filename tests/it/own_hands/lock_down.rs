//! Locking the access down: what ends, and what leads back in.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use stakis_identity::{
    identity::{Change, lock_down},
    types::Locale,
};

use super::owner::{
    NEW_ADDRESS, NEW_PASSWORD, ask_and_deliver, change_address, confirm, last_mail_to, lock_down_for, mails_to,
    not_me, number, on_file, post_as, sign_in, use_link,
};
use crate::support::{
    Customer, TestApp, administrator, database_tests,
    diagnosis::{codes, diagnosis},
    execute, send, text,
};

/// The token in a notice of a new device.
async fn notice(app: &TestApp) -> String {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    let another = app.request(reqwest::Method::POST, "/v1/sessions").header("user-agent", "curl/8.5.0");
    let body = json!({ "customer_number": Customer::ANA.number, "password": Customer::ANA.password });
    send(another.json(&body)).await.assert_status(201);
    app.deliver_all().await;
    last_mail_to(app, Customer::ANA.email).await.token()
}

database_tests![
    ow_06_one_act_ends_everything_and_the_reset_mail_leads_back,
    ow_06_the_next_sign_in_says_locked_down_and_gives_no_change_token,
    ow_06_an_administrator_locks_down_from_the_command_line,
    ow_06_every_notice_carries_a_link_to_its_mailbox,
    ow_06_the_reset_mail_is_over_budgets_and_its_link_lives_for_a_day,
    ow_06_the_reset_mail_waits_for_an_address_that_cools_off,
    ow_06_a_link_ends_by_use_by_time_and_by_a_reset_through_its_mailbox,
    ow_06_a_new_password_by_a_session_ends_no_link,
    ow_06_links_lock_down_once_in_a_day,
    ow_06_one_use_ends_older_links,
    ow_06_twenty_uses_at_once_lock_down_once,
    ow_07_the_answer_tells_nothing_and_takes_the_number,
    ow_06_soon_after_a_change_of_the_address_the_access_is_contested,
    ow_06_a_closed_access_stays_closed,
    ow_06_a_second_lock_down_by_an_administrator_changes_nothing,
    ow_06_the_reset_mail_waits_for_no_other_mail_to_the_address,
    ow_09_devices_that_a_lock_down_ends_are_no_former_ones,
];

async fn ow_06_one_act_ends_everything_and_the_reset_mail_leads_back(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let first = app.session(&Customer::ANA).await;
    let second = app.session(&Customer::ANA).await;
    app.deliver_all().await;
    let link = app.token_for(&Customer::ANA).await;
    let (confirms, _) = ask_and_deliver(app, text(&second, "access_token")).await;
    let before = app.mail_api.mails().await.len();
    let locked = post_as(app, "/v1/account/lock-down", text(&first, "access_token")).await;
    locked.assert_status(200);
    assert!(locked.json()["message"].as_str().unwrap().starts_with("Dostop je zaklenjen."), "{locked}");
    for session in [&first, &second] {
        app.account(text(session, "access_token")).await.assert_problem(401, "invalid-token");
        app.refresh(text(session, "refresh_token")).await.assert_problem(401, "invalid-token");
    }
    app.verify(&link).await.assert_problem(410, "reset-link-unusable");
    confirm(app, &confirms).await.assert_problem(410, "email-change-unusable");
    assert_eq!(app.dump().counts()["sessions"], 2);
    // The cool-down of the mail before does not hold the way back up.
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), before + 1);
    assert_eq!((mails[before].to(), mails[before].subject()), (Customer::ANA.email, "STAkis: sprememba gesla"));
    let known = app.sign_in_from(text(&first, "device_token"), Customer::ANA.number, Customer::ANA.password).await;
    known.assert_problem(403, "password-expired");
    app.deliver_all().await;
    app.complete(&mails[before].token(), Customer::ANA.number, NEW_PASSWORD).await.assert_status(200);
    app.sign_in(Customer::ANA.number, NEW_PASSWORD).await.assert_status(201);
    app.deliver_all().await;
}

async fn ow_06_the_next_sign_in_says_locked_down_and_gives_no_change_token(app: &TestApp) {
    let token = sign_in(app).await;
    // An earlier expiry does not soften the lock-down.
    execute(&app.database.url, "UPDATE accounts SET password_expired_because = 'administrative'").unwrap();
    post_as(app, "/v1/account/lock-down", &token).await.assert_status(200);
    let refused = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    refused.assert_problem(403, "password-expired");
    let body = refused.json();
    assert_eq!(body["reason"], "locked-down");
    assert!(body.get("change_token").is_none_or(serde_json::Value::is_null), "{body}");
    assert!(body["detail"].as_str().unwrap().contains("zaklenjen"), "{body}");
    let wrong = app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await;
    wrong.assert_problem(401, "invalid-credentials");
    app.deliver_all().await;
}

async fn ow_06_an_administrator_locks_down_from_the_command_line(app: &TestApp) {
    let token = sign_in(app).await;
    lock_down_for(app, &Customer::ANA).await;
    app.account(&token).await.assert_problem(401, "invalid-token");
    app.deliver_all().await;
    app.complete(&last_mail_to(app, Customer::ANA.email).await.token(), Customer::ANA.number, NEW_PASSWORD)
        .await
        .assert_status(200);
    let line = app.audit().into_iter().find(|line| line.event == "user_locked_down").unwrap();
    assert_eq!((line.actor.as_str(), line.detail.as_str()), ("command line", "no reason given"));
    app.deliver_all().await;
}

async fn ow_06_every_notice_carries_a_link_to_its_mailbox(app: &TestApp) {
    let from_device = notice(app).await;
    let text_of = last_mail_to(app, Customer::ANA.email).await;
    assert!(text_of.text().contains("https://identity.test/not-me#token="), "{}", text_of.text());
    let session = app.session(&Customer::ANA).await;
    let from_address = change_address(app, text(&session, "access_token")).await;
    let form = json!({
        "current_password": Customer::ANA.password,
        "new_password": NEW_PASSWORD, "new_password_confirmation": NEW_PASSWORD,
    });
    app.change(text(&session, "access_token"), form).await.assert_status(200);
    app.deliver_all().await;
    let from_password = last_mail_to(app, NEW_ADDRESS).await;
    assert_eq!(from_password.subject(), "STAkis: geslo je bilo zamenjano");
    assert_ne!(from_device, from_address);
    assert_eq!(
        app.column("lock_down_links", "mailbox").iter().filter(|mailbox| *mailbox == NEW_ADDRESS).count(),
        1
    );
    // Only the hashes are stored.
    let dump = app.dump().text();
    for token in [&from_device, &from_address, &from_password.token()] {
        assert!(!dump.contains(token.as_str()));
    }
    not_me(app, &from_password.token()).await.assert_status(200);
    app.deliver_all().await;
}

async fn ow_06_the_reset_mail_is_over_budgets_and_its_link_lives_for_a_day(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for _ in 0..3 {
        app.token_for(&Customer::ANA).await;
        app.advance(TimeDelta::minutes(6));
    }
    let before = app.mail_api.mails().await.len();
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), before, "the hour's three mails are spent");
    lock_down_for(app, &Customer::ANA).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), before + 1);
    let link = last_mail_to(app, Customer::ANA.email).await;
    assert!(link.text().contains("24 ur"), "{}", link.text());
    app.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    app.complete(&link.token(), Customer::ANA.number, NEW_PASSWORD).await.assert_status(200);
    app.deliver_all().await;
}

async fn ow_06_the_reset_mail_waits_for_an_address_that_cools_off(app: &TestApp) {
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET email_changed_at = '2026-11-22 11:00:00'").unwrap();
    lock_down_for(app, &Customer::ANA).await;
    app.deliver_all().await;
    assert!(app.mail_api.mails().await.is_empty());
    app.advance(TimeDelta::days(1));
    app.token_for(&Customer::ANA).await;
}

async fn ow_06_a_link_ends_by_use_by_time_and_by_a_reset_through_its_mailbox(app: &TestApp) {
    let used = notice(app).await;
    not_me(app, &used).await.assert_status(200);
    app.deliver_all().await;
    let again = not_me(app, &used).await;
    again.assert_problem(410, "reset-link-unusable");
    assert_eq!(again.json()["reason"], "used");

    let reset = last_mail_to(app, Customer::ANA.email).await.token();
    app.complete(&reset, Customer::ANA.number, NEW_PASSWORD).await.assert_status(200);
    app.deliver_all().await;
    let after_reset = last_mail_to(app, Customer::ANA.email).await.token();
    app.advance(TimeDelta::days(2));
    let link = app.token_for(&Customer::ANA).await;
    app.complete(&link, Customer::ANA.number, "Letne-pnevmatike-28").await.assert_status(200);
    app.deliver_all().await;
    let ended = not_me(app, &after_reset).await;
    assert_eq!((ended.status, ended.json()["reason"].as_str().unwrap()), (410, "withdrawn"));

    let last = last_mail_to(app, Customer::ANA.email).await.token();
    app.advance(TimeDelta::days(7));
    let over = not_me(app, &last).await;
    assert_eq!((over.status, over.json()["reason"].as_str().unwrap()), (410, "expired"));
}

/// A thief with a session must not be able to switch the owner's link off.
async fn ow_06_a_new_password_by_a_session_ends_no_link(app: &TestApp) {
    let token = notice(app).await;
    let thief = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let form = json!({
        "current_password": Customer::ANA.password,
        "new_password": NEW_PASSWORD, "new_password_confirmation": NEW_PASSWORD,
    });
    app.change(&thief, form).await.assert_status(200);
    app.close(&Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET closed_at = NULL").unwrap();
    not_me(app, &token).await.assert_status(200);
    app.sign_in(Customer::ANA.number, NEW_PASSWORD).await.assert_problem(403, "password-expired");
    app.deliver_all().await;
}

async fn ow_06_links_lock_down_once_in_a_day(app: &TestApp) {
    let first = notice(app).await;
    not_me(app, &first).await.assert_status(200);
    app.deliver_all().await;
    let reset = last_mail_to(app, Customer::ANA.email).await.token();
    app.complete(&reset, Customer::ANA.number, NEW_PASSWORD).await.assert_status(200);
    app.deliver_all().await;
    let second = last_mail_to(app, Customer::ANA.email).await.token();
    app.advance(TimeDelta::hours(23));
    not_me(app, &second).await.assert_problem(429, "rate-limited");
    app.sign_in(Customer::ANA.number, NEW_PASSWORD).await.assert_status_with(201, "nothing has ended");
    app.advance(TimeDelta::hours(1));
    not_me(app, &second).await.assert_status(200);
    app.deliver_all().await;
}

async fn ow_06_one_use_ends_older_links(app: &TestApp) {
    let older = notice(app).await;
    app.advance(TimeDelta::hours(1));
    let form = json!({
        "current_password": Customer::ANA.password,
        "new_password": NEW_PASSWORD, "new_password_confirmation": NEW_PASSWORD,
    });
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.change(&token, form).await.assert_status(200);
    app.deliver_all().await;
    let newer = last_mail_to(app, Customer::ANA.email).await.token();
    not_me(app, &newer).await.assert_status(200);
    app.deliver_all().await;
    app.advance(TimeDelta::days(2));
    let ended = not_me(app, &older).await;
    assert_eq!((ended.status, ended.json()["reason"].as_str().unwrap()), (410, "withdrawn"));
}

async fn ow_06_twenty_uses_at_once_lock_down_once(app: &TestApp) {
    let token = notice(app).await;
    let (second, _) = app.second_instance().await;
    let body = json!({ "token": token, "customer_number": Customer::ANA.number });
    let calls = (0..20).map(|index| {
        let url = if index % 2 == 0 { &app.url } else { &second };
        send(app.client.post(url.join("/v1/lock-downs").unwrap()).json(&body))
    });
    let answers = join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| [200, 410, 429].contains(&answer.status)));
    assert_eq!(app.events("user_locked_down"), 1);
    let before = mails_to(app, Customer::ANA.email).await.len();
    app.deliver_all().await;
    assert_eq!(mails_to(app, Customer::ANA.email).await.len(), before + 1);
}

async fn ow_07_the_answer_tells_nothing_and_takes_the_number(app: &TestApp) {
    let token = notice(app).await;
    // A scanner that presses the button does not know the number.
    let missing = app.post("/v1/lock-downs", json!({ "token": token })).await;
    assert_eq!(missing.field_errors(), ["#/customer_number required"]);
    let wrong = || use_link(app, "/v1/lock-downs", &token, "118503");
    for _ in 0..5 {
        assert_eq!(wrong().await.field_errors(), ["#/customer_number customer_number_mismatch"]);
    }
    wrong().await.assert_problem(429, "rate-limited");
    assert_eq!(app.events("user_locked_down"), 0, "wrong numbers do nothing");
    app.advance(TimeDelta::hours(1));
    let locked = not_me(app, &token).await;
    locked.assert_status(200);
    let plain = locked.json();
    assert_eq!(plain.as_object().unwrap().len(), 1);
    assert!(!locked.text.contains("example.si"), "{locked}");
    app.deliver_all().await;
    let unknown = not_me(app, "x").await;
    assert_eq!(unknown.json()["reason"], "unknown");
}

async fn ow_06_soon_after_a_change_of_the_address_the_access_is_contested(app: &TestApp) {
    app.create(&Customer::ANA, Locale::En, Some(Customer::ANA.password)).await;
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.deliver_all().await;
    let notice = change_address(app, &token).await;
    app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    not_me(app, &notice).await.assert_status(200);
    app.deliver_all().await;
    for address in [Customer::ANA.email, NEW_ADDRESS] {
        let mail = last_mail_to(app, address).await;
        assert_eq!(mail.subject(), "STAkis: the access is locked");
        assert!(!mail.text().contains("://") && mail.text().contains("01 587 31 31"), "{}", mail.text());
    }
    let before = app.mail_api.mails().await.len();
    app.ask(Customer::ANA.number).await.assert_status(202);
    let refused = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    assert_eq!(refused.json()["reason"], "locked-down");
    app.advance(TimeDelta::days(3));
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), before, "no link to either address until support decides");
    assert!(app.column("accounts", "contested_since")[0].starts_with("2026-11-29"));
    assert_eq!(on_file(app), NEW_ADDRESS);
}

async fn ow_06_a_closed_access_stays_closed(app: &TestApp) {
    let token = notice(app).await;
    app.close(&Customer::ANA).await;
    let before = app.mail_api.mails().await.len();
    not_me(app, &token).await.assert_status(200);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), before);
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(403, "account-closed");
}

async fn ow_06_a_second_lock_down_by_an_administrator_changes_nothing(app: &TestApp) {
    sign_in(app).await;
    lock_down_for(app, &Customer::ANA).await;
    app.deliver_all().await;
    let link = last_mail_to(app, Customer::ANA.email).await.token();
    let again =
        lock_down::by_administrator(&app.app, &administrator(), number(&Customer::ANA), None).await.unwrap();
    assert_eq!((again, app.deliver_all().await), (Change::Unchanged, 0));
    app.verify(&link).await.assert_status(200);
}

async fn ow_06_the_reset_mail_waits_for_no_other_mail_to_the_address(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let shared = Customer { email: Customer::ANA.email, ..Customer::BOJAN };
    app.make(&shared).await;
    app.token_for(&shared).await;
    lock_down_for(app, &Customer::ANA).await;
    let before = mails_to(app, Customer::ANA.email).await.len();
    app.deliver_all().await;
    assert_eq!(mails_to(app, Customer::ANA.email).await.len(), before + 1);
}

/// A thief's may be among them, and nobody has a new password that could be told.
async fn ow_09_devices_that_a_lock_down_ends_are_no_former_ones(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    post_as(app, "/v1/account/lock-down", text(&session, "access_token")).await.assert_status(200);
    app.deliver_all().await;
    let device = text(&session, "device_token");
    app.sign_in_from(device, Customer::ANA.number, "Napacno-geslo-1")
        .await
        .assert_problem(401, "invalid-credentials");
    app.sign_in_from(device, Customer::ANA.number, Customer::ANA.password)
        .await
        .assert_problem(403, "password-expired");
    app.deliver_all().await;
    let counts = app.dump().counts();
    assert_eq!(counts.get("former_devices").copied().unwrap_or(0), 0);
    assert!(!codes(&diagnosis(app).await).contains(&"old_password_used"));
}
