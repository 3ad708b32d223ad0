//! Whether mail reaches the address on file, as its owner is told.

use chrono::TimeDelta;

use super::owner::{on_file, post_as, sign_in};
use crate::support::{Customer, Engine, TestApp, database_tests, engine_tests, execute, text};

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

engine_tests![ow_12_nobody_is_asked_where_the_setting_says_never];

async fn ow_12_nobody_is_asked_where_the_setting_says_never(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.email.confirm_after = None).await;
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET created_at = '2020-01-01 00:00:00'").unwrap();
    assert_eq!(state(&app).await, "ok");
}
