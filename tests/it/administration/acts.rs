//! Closing, reopening, expiring a password, and the decision over a contested address, by the id of the account.

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::types::SessionId;

use crate::support::{
    Customer, TestApp, database_tests, execute,
    machine::{Machine, account_path},
    text,
};

database_tests![
    lg_09_closing_ends_sessions_and_links_and_tells_the_owner,
    ad_04_a_closing_is_meant_for_the_version_that_was_read,
    lg_09_reopening_brings_the_password_back_and_no_session,
    lg_11_an_expired_password_leads_to_the_reset_mail,
    ow_06_the_decision_ends_a_contest_and_sends_the_mail,
    ad_05_a_decision_for_another_address_lets_it_cool_off,
    ad_07_acts_on_an_id_of_another_kind_do_nothing,
    ad_04_the_fields_of_acts_are_checked,
];

async fn admin(app: &TestApp) -> Machine<'_> {
    Machine::with(app, "accounts:write").await
}

fn last(app: &TestApp, event: &str) -> (String, String) {
    let line = app.audit().into_iter().rfind(|line| line.event == event).unwrap_or_else(|| panic!("no {event}"));
    (line.detail, line.actor)
}

async fn subjects(app: &TestApp) -> Vec<String> {
    app.deliver_all().await;
    app.mail_api.mails().await.iter().map(|mail| mail.subject().to_owned()).collect()
}

async fn lg_09_closing_ends_sessions_and_links_and_tells_the_owner(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let link = app.token_for(&Customer::ANA).await;
    let admin = admin(app).await;
    let path = account_path(app, &Customer::ANA).await;
    let closed = admin.act(&format!("{path}/close"), " neplačani  računi ").await;
    closed.assert_status(200);
    let body = closed.json();
    assert_eq!((text(&body, "state"), text(&body, "closed_reason")), ("closed", "neplačani računi"));
    assert_eq!(body["email"], Customer::ANA.email);
    assert_eq!(last(app, "user_closed"), ("neplačani računi".to_owned(), admin.actor()));
    app.account(text(&session, "access_token")).await.assert_problem(401, "invalid-token");
    app.verify(&link).await.assert_link_unusable("withdrawn");
    let told = subjects(app).await;
    let notice = app.mail_api.mails().await.pop().unwrap();
    assert!(!notice.text().contains("neplačani"), "the owner is not told why");
    // Repeated, it changes nothing.
    let again = admin.act(&format!("{path}/close"), "drug razlog").await;
    assert_eq!((again.status, again.json()), (200, body));
    assert_eq!(again.header("etag"), closed.header("etag"));
    assert_eq!((app.events("user_closed"), subjects(app).await), (1, told));
}

async fn ad_04_a_closing_is_meant_for_the_version_that_was_read(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Machine::with(app, "accounts:write accounts:read").await;
    let path = account_path(app, &Customer::ANA).await;
    let read = admin.get(&path).await.header("etag").to_owned();
    app.session(&Customer::ANA).await;
    let present = admin.get(&path).await.header("etag").to_owned();
    assert_ne!(read, present);
    let close = |condition: String| {
        let request = admin.request(reqwest::Method::POST, &format!("{path}/close"));
        crate::support::send(request.header("if-match", condition).json(&json!({ "reason": "dolg" })))
    };
    for condition in [
        read.clone(),
        "\"x\"".to_owned(),
        format!("W/{present}"),
        present.trim_matches('"').to_owned(),
        format!("{read}, \"x\""),
        String::new(),
    ] {
        let refused = close(condition.clone()).await;
        refused.assert_problem(412, "precondition-failed");
        assert_eq!(app.events("user_closed"), 0, "{condition}");
    }
    // Of a list one match suffices, and any version matches a star.
    close(format!("{read}, {present}")).await.assert_status(200);
    assert_eq!(app.events("user_closed"), 1);
    close("*".to_owned()).await.assert_status(200);
    close(present).await.assert_problem(412, "precondition-failed");
    app.deliver_all().await;
}

async fn lg_09_reopening_brings_the_password_back_and_no_session(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    app.close(&Customer::ANA).await;
    let admin = admin(app).await;
    let path = format!("{}/reopen", account_path(app, &Customer::ANA).await);
    let opened = admin.act(&path, "plačano").await;
    opened.assert_status(200);
    let body = opened.json();
    assert_eq!((text(&body, "state"), body["closed_at"].is_null()), ("active", true));
    assert_eq!(last(app, "user_reopened"), ("plačano".to_owned(), admin.actor()));
    app.account(text(&session, "access_token")).await.assert_problem(401, "invalid-token");
    let told = subjects(app).await;
    admin.act(&path, "še enkrat").await.assert_status(200);
    assert_eq!((app.events("user_reopened"), subjects(app).await), (1, told));
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    app.deliver_all().await;
}

async fn lg_11_an_expired_password_leads_to_the_reset_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    app.deliver_all().await;
    let admin = admin(app).await;
    let path = format!("{}/expire-password", account_path(app, &Customer::ANA).await);
    admin.act(&path, "ukraden računalnik").await.assert_status(200);
    admin.act(&path, "še enkrat").await.assert_status(200);
    assert_eq!(app.events("authn_password_expired"), 1);
    assert_eq!(last(app, "authn_password_expired"), ("ukraden računalnik".to_owned(), admin.actor()));
    app.account(text(&session, "access_token")).await.assert_problem(401, "invalid-token");
    assert_eq!(app.deliver_all().await, 0);
    let refused = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    refused.assert_problem(403, "password-expired");
    assert_eq!(refused.json()["reason"], "administrative");
    app.deliver_all().await;
    let link = app.mail_api.mails().await.pop().unwrap().token();
    app.complete(&link, Customer::ANA.number, "Zimske-gume-27").await.assert_status(200);
    app.deliver_all().await;
}

/// Makes the access of Ana contested, as a lock-down soon after a change of the address does.
fn contest(app: &TestApp) {
    let contested =
        "UPDATE accounts SET contested_since = '2026-11-22 12:00:00', password_expired_because = 'locked-down',
        password_expired_at = '2026-11-22 12:00:00'";
    execute(&app.database.url, contested).unwrap();
}

async fn ow_06_the_decision_ends_a_contest_and_sends_the_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = admin(app).await;
    let path = format!("{}/email-decision", account_path(app, &Customer::ANA).await);
    let email = |email: &str| json!({ "email": email });
    let unchanged = admin.post(&path, email("nova@example.si")).await;
    assert_eq!((unchanged.status, unchanged.json()["email"].as_str().unwrap()), (200, Customer::ANA.email));
    assert_eq!(app.deliver_all().await, 0, "nothing is contested");
    contest(app);
    let decided = admin.post(&path, email(Customer::ANA.email)).await;
    decided.assert_status(200);
    assert!(decided.json()["contested_since"].is_null(), "{decided}");
    assert_eq!(last(app, "user_email_decided"), ("no reason given".to_owned(), admin.actor()));
    app.deliver_all().await;
    let mail = app.mail_api.mails().await.pop().unwrap();
    assert_eq!(mail.to(), Customer::ANA.email);
    app.complete(&mail.token(), Customer::ANA.number, "Zimske-gume-27").await.assert_status(200);
    admin.post(&path, email(Customer::ANA.email)).await.assert_status(200);
    assert_eq!(app.events("user_email_decided"), 1);
    app.deliver_all().await;
}

async fn ad_05_a_decision_for_another_address_lets_it_cool_off(app: &TestApp) {
    app.make(&Customer::ANA).await;
    contest(app);
    let admin = admin(app).await;
    let path = format!("{}/email-decision", account_path(app, &Customer::ANA).await);
    let decided = admin.post(&path, json!({ "email": "nova@example.si" })).await;
    assert_eq!((decided.status, decided.json()["email"].as_str().unwrap()), (200, "nova@example.si"));
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(app.mail_api.recipients().await, [Customer::ANA.email], "the old one is told");
    assert!(!mails[0].text().contains("#token="));
    app.advance(TimeDelta::days(1));
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.pop().unwrap().to(), "nova@example.si");
}

async fn ad_07_acts_on_an_id_of_another_kind_do_nothing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = admin(app).await;
    let before = app.dump().text();
    for id in [SessionId::mint().as_str(), admin.partner.id.as_str(), Customer::ANA.number, "x"] {
        for act in ["close", "reopen", "expire-password"] {
            admin.act(&format!("/v1/accounts/{id}/{act}"), "x").await.assert_problem(404, "not-found");
        }
        let decision = json!({ "email": "nova@example.si" });
        admin.post(&format!("/v1/accounts/{id}/email-decision"), decision).await.assert_problem(404, "not-found");
    }
    assert_eq!(app.dump().text(), before);
}

async fn ad_04_the_fields_of_acts_are_checked(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = admin(app).await;
    let path = account_path(app, &Customer::ANA).await;
    for act in ["close", "reopen", "expire-password"] {
        let path = format!("{path}/{act}");
        assert_eq!(admin.post(&path, json!({})).await.field_errors(), ["#/reason required"]);
        assert_eq!(admin.act(&path, "").await.field_errors(), ["#/reason too_short"]);
        assert_eq!(admin.act(&path, &"x".repeat(201)).await.field_errors(), ["#/reason too_long"]);
        admin
            .post(&path, json!({ "reason": "x", "closed_by": "me" }))
            .await
            .assert_problem(400, "malformed-request");
        admin.post_nothing(&path).await.assert_problem(415, "unsupported-media-type");
    }
    let path = format!("{path}/email-decision");
    assert_eq!(admin.post(&path, json!({})).await.field_errors(), ["#/email required"]);
    for email in ["x", "a@", "a@example.si\r\nBcc: b@example.si"] {
        assert_eq!(admin.post(&path, json!({ "email": email })).await.field_errors(), ["#/email invalid_format"]);
    }
    admin
        .post(&path, json!({ "email": "a@example.si", "reason": "x" }))
        .await
        .assert_problem(400, "malformed-request");
    assert_eq!((app.events("user_closed"), app.events("user_email_decided")), (0, 0));
}
