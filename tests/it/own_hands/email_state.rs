//! Whether mail reaches the address on file, as its owner is told.

use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::json;
use stakis_identity::{config::MailProviderKind, types::DeliveryKind};
use wiremock::ResponseTemplate;

use super::owner::{NEW_ADDRESS, ask, change_address, confirm, on_file, post_as, sign_in};
use crate::support::{
    Customer, Engine, MailRow, TestApp, database_tests,
    delivery_events::{accept_by_id, take},
    engine_tests, execute, text,
};

const BOUNCED: &str = "INSERT INTO suppressions (address, reason, since, retry_at) VALUES \
                       ('delavnica@example.si', 'hard_bounce', '2026-11-20 00:00:00', '2026-11-21 00:00:00')";

/// The state by the account and by a sign-in and a refresh, which must agree.
async fn state(app: &TestApp) -> String {
    let session = app.session(&Customer::ANA).await;
    let refreshed = app.refresh(text(&session, "refresh_token")).await.json();
    let account = app.account(text(&session, "access_token")).await.json();
    app.deliver_all().await;
    let states =
        [&account["email_state"], &session["account"]["email_state"], &refreshed["account"]["email_state"]];
    assert!(states.iter().all(|state| *state == states[0]), "{states:?}");
    states[0].as_str().unwrap().to_owned()
}

database_tests![
    ow_05_the_state_follows_bounces_and_deliveries,
    ow_05_an_account_without_address_says_so,
    ow_12_an_address_is_confirmed_once_a_year,
    ow_12_still_mine_is_refused_without_an_address,
];

async fn ow_05_the_state_follows_bounces_and_deliveries(app: &TestApp) {
    app.make(&Customer::ANA).await;
    assert_eq!(state(app).await, "ok");
    execute(&app.database.url, BOUNCED).unwrap();
    assert_eq!(state(app).await, "bouncing", "none has been delivered since, though the pause is over");
    // "Still mine" does not mend a mailbox.
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    post_as(app, "/v1/account/email/confirmation", &token).await.assert_status(204);
    assert_eq!(state(app).await, "bouncing");
    execute(&app.database.url, "DELETE FROM suppressions").unwrap();
    assert_eq!(state(app).await, "ok");
}

async fn ow_05_an_account_without_address_says_so(app: &TestApp) {
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET email = NULL").unwrap();
    assert_eq!(state(app).await, "none");
}

async fn ow_12_an_address_is_confirmed_once_a_year(app: &TestApp) {
    let token = sign_in(app).await;
    execute(&app.database.url, "UPDATE accounts SET created_at = '2025-11-23 00:00:00'").unwrap();
    assert_eq!(state(app).await, "ok");
    app.advance(TimeDelta::hours(12));
    let token_of_today = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    assert_eq!(state(app).await, "confirm_due");
    post_as(app, "/v1/account/email/confirmation", &token_of_today).await.assert_status(204);
    assert_eq!(state(app).await, "ok");
    assert_eq!((on_file(app).as_str(), app.events("user_email_confirmed")), (Customer::ANA.email, 1));
    post_as(app, "/v1/account/email/confirmation", &token).await.assert_problem(401, "invalid-token");
}

async fn ow_12_still_mine_is_refused_without_an_address(app: &TestApp) {
    let token = sign_in(app).await;
    execute(&app.database.url, "UPDATE accounts SET email = NULL").unwrap();
    post_as(app, "/v1/account/email/confirmation", &token).await.assert_problem(404, "not-found");
}

engine_tests![
    ow_04_a_notice_that_comes_back_later_lengthens_the_cooling_off,
    ow_04_a_notice_that_is_refused_at_once_lengthens_the_cooling_off,
    ow_12_nobody_is_asked_where_the_setting_says_never,
];

/// Asks for a reset, and says whether its mail has left.
async fn gets_a_link(app: &TestApp) -> bool {
    let count = || {
        let is_sent = |mail: &MailRow| mail.kind == "reset_link" && mail.status == "handed_over";
        app.mail_rows().into_iter().filter(is_sent).count()
    };
    let before = count();
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    count() > before
}

async fn assert_cools_off_for_a_week(app: &TestApp) {
    app.advance(TimeDelta::days(7) - TimeDelta::minutes(10));
    assert!(!gets_a_link(app).await);
    app.advance(TimeDelta::minutes(10));
    assert!(gets_a_link(app).await);
}

/// Whichever notice of the change says that the old mailbox does not exist: nobody may have read any.
async fn ow_04_a_notice_that_comes_back_later_lengthens_the_cooling_off(engine: Engine) {
    for kind in ["address_changed", "email_change_asked"] {
        let app = TestApp::start(engine).await;
        accept_by_id(&app).await;
        let token = sign_in(&app).await;
        change_address(&app, &token).await;
        let notice = app.mail_rows().into_iter().find(|mail| mail.kind == kind).unwrap().id;
        take(&app, &notice, DeliveryKind::BouncedHard).await;
        assert_cools_off_for_a_week(&app).await;
    }
}

async fn ow_04_a_notice_that_is_refused_at_once_lengthens_the_cooling_off(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.mail.provider = MailProviderKind::Resend;
        config.mail.api_key = Some(SecretString::from("re_secret"));
    })
    .await;
    let token = sign_in(&app).await;
    ask(&app, &token, NEW_ADDRESS).await.assert_status(202);
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    let mail = mails.iter().find(|mail| mail.body["to"][0] == NEW_ADDRESS).unwrap();
    let link: String =
        mail.body["text"].as_str().unwrap().split("#token=").nth(1).unwrap().chars().take(43).collect();
    confirm(&app, &link).await.assert_status(200);
    let refusal = json!({ "name": "validation_error", "message": "Invalid `to` field." });
    app.mail_api.answer_with(ResponseTemplate::new(422).set_body_json(refusal)).await;
    app.deliver_all().await;
    app.mail_api.recover().await;
    assert_cools_off_for_a_week(&app).await;
}

async fn ow_12_nobody_is_asked_where_the_setting_says_never(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.email.confirm_after = None).await;
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET created_at = '2020-01-01 00:00:00'").unwrap();
    assert_eq!(state(&app).await, "ok");
}
