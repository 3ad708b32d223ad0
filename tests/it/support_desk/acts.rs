//! What support does for a customer by the id of the account.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stakis_identity::{
    config::Limit,
    types::{DeliveryKind, SessionId},
};

use crate::support::{
    Customer, Engine, TestApp, database_tests,
    diagnosis::{asked, codes, diagnosis, told},
    engine_tests, execute,
    machine::{Machine, account_path},
    text,
};

database_tests![
    ad_06_unlock_forgets_failures_and_says_who_did_it,
    ad_04_a_suppression_is_lifted_with_or_without_a_reason,
    ow_06_support_locks_down_and_the_reset_mail_leads_back,
    ow_06_support_s_lock_down_soon_after_a_change_is_contested,
    ad_01_support_has_the_reset_mail_sent_and_never_sees_its_link,
    ad_01_support_is_told_why_no_mail_goes_out,
    ad_05_a_mail_of_support_waits_for_an_address_that_cools_off,
    rl_08_a_mail_of_support_meets_the_limits_of_the_number,
    ad_06_support_ends_every_session_and_the_owner_reads_of_it,
    ad_07_an_unknown_id_and_one_of_another_kind_get_one_answer,
    ad_04_what_is_wrong_with_an_act_is_named_and_nothing_is_done,
    ad_04_support_sees_the_address_masked,
];

engine_tests![ad_06_the_links_that_a_client_has_mailed_are_bounded];

const WRONG: &str = "Napacno-geslo-1";

async fn support(app: &TestApp) -> Machine<'_> {
    Machine::with(app, "support:act").await
}

/// The last entry of the trail about an event: detail and actor.
fn last(app: &TestApp, event: &str) -> (String, String) {
    let line = app.audit().into_iter().rfind(|line| line.event == event).unwrap_or_else(|| panic!("no {event}"));
    (line.detail, line.actor)
}

async fn ad_06_unlock_forgets_failures_and_says_who_did_it(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let desk = support(app).await;
    let path = format!("{}/unlock", account_path(app, &Customer::ANA).await);
    while app.sign_in(Customer::ANA.number, WRONG).await.status == 401 {}
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(429, "rate-limited");
    let unlocked = desk.act(&path, "stranka kliče").await;
    unlocked.assert_status(200);
    assert_eq!(unlocked.json()["customer_number"], Customer::ANA.number);
    assert!(unlocked.header("etag").len() == 34, "{unlocked}");
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    assert_eq!(last(app, "authn_login_unlocked"), ("stranka kliče".to_owned(), desk.actor()));
    // Repeated, it changes nothing, and needs neither a body nor its type.
    desk.act(&path, "še enkrat").await.assert_status(200);
    desk.post_nothing(&path).await.assert_status(200);
    desk.post(&path, json!({})).await.assert_status(200);
    assert_eq!(app.events("authn_login_unlocked"), 1);
    app.deliver_all().await;
}

async fn ad_04_a_suppression_is_lifted_with_or_without_a_reason(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::BouncedHard, Some("550 5.1.1")).await;
    assert_eq!(app.suppressions().len(), 1);
    let desk = support(app).await;
    let path = format!("{}/lift-suppression", account_path(app, &Customer::ANA).await);
    let lifted = desk.post_nothing(&path).await;
    lifted.assert_status(200);
    assert_eq!(lifted.json()["email_state"], "ok");
    assert!(app.suppressions().is_empty());
    assert_eq!(last(app, "mail_suppression_lifted"), ("no reason given".to_owned(), desk.actor()));
    desk.act(&path, "še enkrat").await.assert_status(200);
    assert_eq!(app.events("mail_suppression_lifted"), 1);
}

async fn ow_06_support_locks_down_and_the_reset_mail_leads_back(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    app.deliver_all().await;
    let before = app.mail_api.mails().await.len();
    let desk = support(app).await;
    let path = format!("{}/lock-down", account_path(app, &Customer::ANA).await);
    desk.act(&path, "ukraden telefon").await.assert_status(200);
    app.account(text(&session, "access_token")).await.assert_problem(401, "invalid-token");
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!((mails.len(), mails[before].to()), (before + 1, Customer::ANA.email));
    assert_eq!(last(app, "user_locked_down"), ("ukraden telefon".to_owned(), desk.actor()));
    let again = desk.act(&path, "še enkrat").await;
    again.assert_status(200);
    assert_eq!((app.events("user_locked_down"), app.deliver_all().await), (1, 0));
    app.complete(&mails[before].token(), Customer::ANA.number, "Zimske-gume-27").await.assert_status(200);
    app.deliver_all().await;
}

async fn ow_06_support_s_lock_down_soon_after_a_change_is_contested(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let desk = support(app).await;
    let path = account_path(app, &Customer::ANA).await;
    let id = path.rsplit('/').next().unwrap();
    let change = format!(
        "INSERT INTO email_changes (id, account_id, session_id, session_epoch, old_email, new_email, secret_key_id,
            confirm_token_hash, withdraw_token_hash, created_at, expires_at, ended_at, ended_because)
         VALUES ('c', '{id}', 's', 0, 'stara@example.si', '{}', 'k', 'a', 'b', '2026-11-22 10:00:00',
            '2026-11-23 10:00:00', '2026-11-22 11:00:00', 'confirmed')",
        Customer::ANA.email
    );
    execute(&app.database.url, &change).unwrap();
    let locked = desk.act(&format!("{path}/lock-down"), "klicala lastnica").await;
    locked.assert_status(200);
    assert!(locked.json()["contested_since"].is_string(), "{locked}");
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    // The two jobs run in any order.
    let mut told = app.mail_api.recipients().await;
    told.sort_unstable();
    assert_eq!(told, [Customer::ANA.email, "stara@example.si"]);
    assert!(mails.iter().all(|mail| !mail.text().contains("#token=")), "no link goes to either");
}

async fn ad_01_support_has_the_reset_mail_sent_and_never_sees_its_link(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let desk = support(app).await;
    let path = format!("{}/password-resets", account_path(app, &Customer::ANA).await);
    let asked = desk.post_nothing(&path).await;
    asked.assert_status(202);
    let body = asked.json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["message"]);
    assert!(text(&body, "message").starts_with("Zahteva je sprejeta."), "{body}");
    app.deliver_all().await;
    let mail = app.mail_api.mails().await.pop().unwrap();
    assert_eq!(mail.to(), Customer::ANA.email);
    assert!(!asked.text.contains(&mail.token()) && !asked.text.contains('@'));
    assert_eq!(last(app, "reset_for_owner"), ("requested".to_owned(), desk.actor()));
    assert_eq!(last(app, "reset_requested").1, desk.actor());
    // The link serves as the customer's own, and asking changed nothing (RQ-07).
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    app.complete(&mail.token(), Customer::ANA.number, "Zimske-gume-27").await.assert_status(200);
    app.deliver_all().await;
}

async fn ad_01_support_is_told_why_no_mail_goes_out(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let desk = support(app).await;
    let path = format!("{}/password-resets", account_path(app, &Customer::ANA).await);
    for (state, detail, sentence) in [
        ("closed_at = '2026-11-22 10:00:00'", "closed", "ker je dostop zaprt"),
        ("closed_at = NULL, contested_since = '2026-11-22 10:00:00'", "contested", "ker je sporno"),
        (
            "contested_since = NULL, email_changed_at = '2026-11-22 11:00:00'",
            "cooling_off",
            "pred kratkim spremenjen",
        ),
        ("email_changed_at = NULL, email = NULL", "no_email", "ker ni vpisanega"),
    ] {
        execute(&app.database.url, &format!("UPDATE accounts SET {state}")).unwrap();
        let told = desk.post(&path, json!({})).await;
        told.assert_status(202);
        assert!(text(&told.json(), "message").contains(sentence), "{told}");
        assert_eq!(last(app, "reset_for_owner").0, detail);
        assert_eq!((app.deliver_all().await, app.mail_api.mails().await.len()), (0, 0), "{state}");
    }
}

async fn ad_05_a_mail_of_support_waits_for_an_address_that_cools_off(app: &TestApp) {
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET email_changed_at = '2026-11-22 11:00:00'").unwrap();
    let mut desk = support(app).await;
    let path = format!("{}/password-resets", account_path(app, &Customer::ANA).await);
    let told = desk.post_nothing(&path).await;
    assert!(text(&told.json(), "message").contains("23. 11. 2026"), "{told}");
    app.advance(TimeDelta::days(1));
    desk.renew().await;
    desk.post_nothing(&path).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

/// The customer's own requests and those of support share the pause and the cap.
async fn rl_08_a_mail_of_support_meets_the_limits_of_the_number(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.token_for(&Customer::ANA).await;
    let desk = support(app).await;
    let path = format!("{}/password-resets", account_path(app, &Customer::ANA).await);
    desk.post_nothing(&path).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1, "the pause between two mails holds");
    assert_eq!(app.events("reset_for_owner"), 1, "the act stands in the trail all the same");
    assert!(codes(&diagnosis(app).await).contains(&"request_swallowed"));
}

async fn ad_06_support_ends_every_session_and_the_owner_reads_of_it(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let sessions = [app.session(&Customer::ANA).await, app.session(&Customer::ANA).await];
    app.make(&Customer::BOJAN).await;
    let other = app.session(&Customer::BOJAN).await;
    app.deliver_all().await;
    let desk = support(app).await;
    let path = format!("{}/sessions", account_path(app, &Customer::ANA).await);
    let ended = desk.delete(&path).await;
    ended.assert_status(204);
    assert!(ended.text.is_empty());
    for session in &sessions {
        app.account(text(session, "access_token")).await.assert_problem(401, "invalid-token");
        app.refresh(text(session, "refresh_token")).await.assert_problem(401, "invalid-token");
    }
    app.account(text(&other, "access_token")).await.assert_status(200);
    assert_eq!(app.events("authn_token_revoked"), 2);
    assert_eq!(last(app, "authn_token_revoked"), ("by support".to_owned(), desk.actor()));
    // Nothing is left to end, and no mail goes out: the password stays.
    desk.delete(&path).await.assert_status(204);
    assert_eq!((app.events("authn_token_revoked"), app.deliver_all().await), (2, 0));
    let back = app.session(&Customer::ANA).await;
    let activity = app.call(reqwest::Method::GET, "/v1/account/activity", text(&back, "access_token")).await.json();
    let events = activity["events"].as_array().unwrap();
    let told = events.iter().find(|event| event["event"] == "session_ended").unwrap();
    assert!(text(told, "message").ends_with("razlog: odjavila podpora"), "{told}");
    app.deliver_all().await;
}

async fn ad_07_an_unknown_id_and_one_of_another_kind_get_one_answer(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let desk = support(app).await;
    let unknown = SessionId::mint().to_string();
    let ids = [&*unknown, text(&session, "session_id"), desk.partner.id.as_str(), Customer::ANA.number, "x", "%00"];
    let before = app.dump().text();
    for act in ["unlock", "lift-suppression", "lock-down", "password-resets"] {
        let mut answers = Vec::new();
        for id in ids {
            let path = format!("/v1/accounts/{id}/{act}");
            let answer =
                if act == "password-resets" { desk.post_nothing(&path).await } else { desk.act(&path, "x").await };
            answer.assert_problem(404, "not-found");
            answers.push(answer.comparable());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{act}");
    }
    for id in ids {
        desk.delete(&format!("/v1/accounts/{id}/sessions")).await.assert_problem(404, "not-found");
    }
    assert_eq!(app.dump().text(), before);
    app.deliver_all().await;
}

async fn ad_04_what_is_wrong_with_an_act_is_named_and_nothing_is_done(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let desk = support(app).await;
    let path = account_path(app, &Customer::ANA).await;
    let lock_down = format!("{path}/lock-down");
    desk.post_nothing(&lock_down).await.assert_problem(415, "unsupported-media-type");
    for (body, errors) in [
        (json!({}), "#/reason required"),
        (json!({ "reason": "" }), "#/reason too_short"),
        (json!({ "reason": " \u{a0}" }), "#/reason too_short"),
        (json!({ "reason": "x".repeat(201) }), "#/reason too_long"),
        (json!({ "reason": "a\nb" }), "#/reason invalid_format"),
        (json!({ "reason": "a\u{202e}b" }), "#/reason invalid_format"),
    ] {
        let refused = desk.post(&lock_down, body.clone()).await;
        refused.assert_problem(422, "validation-failed");
        assert_eq!(refused.field_errors(), [errors], "{body}");
        if body != json!({}) {
            assert_eq!(desk.post(&format!("{path}/unlock"), body).await.field_errors(), [errors]);
        }
    }
    for body in [json!({ "reason": null }), json!({ "reason": 1 }), json!({ "why": "x" }), json!([]), Value::Null] {
        for act in ["lock-down", "unlock", "lift-suppression"] {
            desk.post(&format!("{path}/{act}"), body.clone()).await.assert_problem(400, "malformed-request");
        }
    }
    let extra = desk.post(&format!("{path}/password-resets"), json!({ "email": "thief@example.com" })).await;
    extra.assert_problem(400, "malformed-request");
    assert_eq!((app.events("user_locked_down"), app.events("reset_for_owner")), (0, 0));
    assert_eq!(app.deliver_all().await, 0);
}

async fn ad_04_support_sees_the_address_masked(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let path = format!("{}/unlock", account_path(app, &Customer::ANA).await);
    let desk = support(app).await;
    assert_eq!(desk.post_nothing(&path).await.json()["email"], "d•••@e•••.si");
    let reads = Machine::with(app, "support:act accounts:read").await;
    assert_eq!(reads.post_nothing(&path).await.json()["email"], Customer::ANA.email);
}

/// A thief of the client's secret would flood every mailbox.
async fn ad_06_the_links_that_a_client_has_mailed_are_bounded(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.limits.administration = Some(Limit { count: 2, period: TimeDelta::hours(1) });
    })
    .await;
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    let desk = Machine::with(&app, "support:act").await;
    let (ana, bojan) = (account_path(&app, &Customer::ANA).await, account_path(&app, &Customer::BOJAN).await);
    desk.post_nothing(&format!("{ana}/password-resets")).await.assert_status(202);
    desk.act(&format!("{ana}/lock-down"), "telefon").await.assert_status(200);
    for _ in 0..2 {
        let refused = desk.post_nothing(&format!("{bojan}/password-resets")).await;
        refused.assert_problem(429, "rate-limited");
        assert!(!refused.header("retry-after").is_empty());
        desk.act(&format!("{bojan}/lock-down"), "telefon").await.assert_problem(429, "rate-limited");
    }
    assert_eq!((app.events("user_locked_down"), app.events("reset_for_owner")), (1, 1), "nothing half done");
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="administration"}"#), 1);
    // What mails nothing goes on, and so does another client.
    desk.post_nothing(&format!("{bojan}/unlock")).await.assert_status(200);
    let other = Machine::with(&app, "support:act").await;
    other.post_nothing(&format!("{bojan}/password-resets")).await.assert_status(202);
    app.advance(TimeDelta::minutes(31));
    app.deliver_all().await;
}
