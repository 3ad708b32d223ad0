//! How often an address may change, and how many mails that may cause.

use chrono::TimeDelta;

use super::owner::{
    NEW_ADDRESS, ask, ask_and_deliver, change_address, confirm, last_mail_to, mails_to, on_file, sign_in, withdraw,
};
use crate::support::{Customer, Engine, TestApp, database_tests, engine_tests, execute, text};

database_tests![
    ow_01_three_mails_a_day_go_to_a_new_address,
    ow_01_three_mails_a_day_go_out_for_an_account,
    ow_02_the_old_address_is_told_where_the_new_one_has_had_too_many,
    ow_01_an_address_in_use_and_a_suppressed_one_get_the_same_answer,
    ow_01_a_second_change_within_seven_days_is_refused,
    ow_04_a_dead_address_is_changed_from_a_device_known_for_a_week_alone,
    ow_04_an_address_that_turns_out_dead_is_not_changed_by_a_new_device,
    ow_12_the_trail_tells_of_a_confirmation_once_an_hour,
];

async fn ow_01_three_mails_a_day_go_to_a_new_address(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    let ana = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let bojan = app.access_token(&Customer::BOJAN, Customer::BOJAN.password).await;
    app.deliver_all().await;
    let as_bojan = || {
        let body = serde_json::json!({ "email": NEW_ADDRESS, "current_password": Customer::BOJAN.password });
        super::owner::ask_with(app, &bojan, body)
    };
    for _ in 0..2 {
        ask(app, &ana, NEW_ADDRESS).await.assert_status(202);
        app.deliver_all().await;
    }
    let first = as_bojan().await;
    app.deliver_all().await;
    assert_eq!(mails_to(app, NEW_ADDRESS).await.len(), 3);
    let swallowed = as_bojan().await;
    assert_eq!((swallowed.status, &swallowed.text), (202, &first.text));
    app.deliver_all().await;
    assert_eq!(mails_to(app, NEW_ADDRESS).await.len(), 3);
    // What is swallowed changes nothing: the earlier change waits on.
    let token = mails_to(app, NEW_ADDRESS).await[2].token();
    let body = serde_json::json!({ "token": token, "customer_number": Customer::BOJAN.number });
    app.post("/v1/email-changes/confirm", body).await.assert_status(200);
    app.deliver_all().await;
}

/// Somebody who has the password asks for an address whose mails others have used up: its owner hears of it.
async fn ow_02_the_old_address_is_told_where_the_new_one_has_had_too_many(app: &TestApp) {
    let ana = sign_in(app).await;
    app.make(&Customer::BOJAN).await;
    let bojan = app.access_token(&Customer::BOJAN, Customer::BOJAN.password).await;
    for _ in 0..3 {
        let body = serde_json::json!({ "email": NEW_ADDRESS, "current_password": Customer::BOJAN.password });
        super::owner::ask_with(app, &bojan, body).await.assert_status(202);
        app.deliver_all().await;
    }
    assert_eq!(mails_to(app, NEW_ADDRESS).await.len(), 3);
    let before = mails_to(app, Customer::ANA.email).await.len();
    ask(app, &ana, NEW_ADDRESS).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(mails_to(app, NEW_ADDRESS).await.len(), 3);
    assert_eq!(mails_to(app, Customer::ANA.email).await.len(), before + 1);
    let notice = last_mail_to(app, Customer::ANA.email).await;
    assert_eq!(notice.subject(), "STAkis: zahtevana je sprememba e-poštnega naslova");
    withdraw(app, &notice.token()).await.assert_status(200);
    // Repetitions bury nothing: the notices of a day are as many as its changes.
    for _ in 0..4 {
        ask(app, &ana, NEW_ADDRESS).await.assert_status(202);
        app.deliver_all().await;
    }
    assert!(mails_to(app, Customer::ANA.email).await.len() <= before + 3);
    assert!(app.column("accounts", "email").contains(&Customer::ANA.email.to_owned()));
}

async fn ow_01_three_mails_a_day_go_out_for_an_account(app: &TestApp) {
    let token = sign_in(app).await;
    for index in 0..5 {
        ask(app, &token, &format!("nova-{index}@example.si")).await.assert_status(202);
        app.deliver_all().await;
    }
    let mails = app.mail_api.mails().await;
    let count = |to: &str| mails.iter().filter(|mail| mail.to() == to).count();
    assert_eq!((0..5).map(|index| count(&format!("nova-{index}@example.si"))).collect::<Vec<_>>(), [1, 1, 1, 0, 0]);
    assert_eq!(count(Customer::ANA.email), 3, "every pending change was told");
    confirm(app, &last_mail_to(app, "nova-2@example.si").await.token()).await.assert_status(200);
    app.deliver_all().await;
    assert_eq!(on_file(app), "nova-2@example.si");
}

async fn ow_01_an_address_in_use_and_a_suppressed_one_get_the_same_answer(app: &TestApp) {
    let token = sign_in(app).await;
    app.make(&Customer::BOJAN).await;
    execute(
        &app.database.url,
        "INSERT INTO suppressions (address, reason, since, retry_at) VALUES \
         ('ustavljen@example.si', 'hard_bounce', '2026-11-22 00:00:00', '2027-11-22 00:00:00')",
    )
    .unwrap();
    let mut answers = Vec::new();
    for address in [NEW_ADDRESS, Customer::BOJAN.email, "ustavljen@example.si"] {
        let asked = ask(app, &token, address).await;
        answers.push((asked.status, asked.text));
        app.deliver_all().await;
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 202), "{answers:?}");
    assert!(mails_to(app, "ustavljen@example.si").await.is_empty());
}

async fn ow_01_a_second_change_within_seven_days_is_refused(app: &TestApp) {
    let token = sign_in(app).await;
    change_address(app, &token).await;
    app.advance(TimeDelta::days(6));
    let refused = ask(app, &token, "tretja@example.si").await;
    // The access token is old by now, so the customer signs in again.
    refused.assert_problem(401, "invalid-token");
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let refused = ask(app, &token, "tretja@example.si").await;
    refused.assert_problem(429, "rate-limited");
    assert!(!refused.header("retry-after").is_empty());
    app.deliver_all().await;
    assert!(mails_to(app, "tretja@example.si").await.is_empty());
    app.advance(TimeDelta::days(1));
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    ask(app, &token, "tretja@example.si").await.assert_status(202);
    app.deliver_all().await;
}

async fn ow_04_a_dead_address_is_changed_from_a_device_known_for_a_week_alone(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let device = text(&app.session(&Customer::ANA).await, "device_token").to_owned();
    app.deliver_all().await;
    app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    for address_is_dead in [
        "INSERT INTO suppressions (address, reason, since) VALUES \
         ('delavnica@example.si', 'hard_bounce', '2026-11-22 00:00:00')",
        "UPDATE accounts SET email = NULL",
    ] {
        execute(&app.database.url, address_is_dead).unwrap();
        let new_device = app.access_token(&Customer::ANA, Customer::ANA.password).await;
        let refused = ask(app, &new_device, NEW_ADDRESS).await;
        assert_eq!(refused.field_errors(), ["#/email support_required"]);
        app.deliver_all().await;
    }
    let young = app.sign_in_from(&device, Customer::ANA.number, Customer::ANA.password).await.json();
    assert_eq!(
        ask(app, text(&young, "access_token"), NEW_ADDRESS).await.field_errors(),
        ["#/email support_required"]
    );
    app.advance(TimeDelta::seconds(1));
    ask(app, text(&young, "access_token"), NEW_ADDRESS).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(mails_to(app, NEW_ADDRESS).await.len(), 1);
}

async fn ow_04_an_address_that_turns_out_dead_is_not_changed_by_a_new_device(app: &TestApp) {
    let token = sign_in(app).await;
    let (confirms, _) = ask_and_deliver(app, &token).await;
    // The notice to the present address has come back.
    execute(
        &app.database.url,
        "INSERT INTO suppressions (address, reason, since) VALUES \
         ('delavnica@example.si', 'hard_bounce', '2026-11-22 00:00:00')",
    )
    .unwrap();
    let refused = confirm(app, &confirms).await;
    refused.assert_problem(410, "email-change-unusable");
    assert_eq!(
        (refused.json()["reason"].as_str().unwrap(), on_file(app).as_str()),
        ("withdrawn", Customer::ANA.email)
    );
}

async fn ow_12_the_trail_tells_of_a_confirmation_once_an_hour(app: &TestApp) {
    let token = sign_in(app).await;
    for _ in 0..3 {
        super::owner::post_as(app, "/v1/account/email/confirmation", &token).await.assert_status(204);
    }
    assert_eq!(app.events("user_email_confirmed"), 1);
}

engine_tests![
    ow_01_changes_take_from_the_budget_of_all_mails,
    ow_03_wrong_numbers_are_limited_and_end_no_withdrawal,
];

async fn ow_01_changes_take_from_the_budget_of_all_mails(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.limits.reset_mails_total =
            Some(stakis_identity::config::Limit { count: 20, period: TimeDelta::hours(1) });
    })
    .await;
    let token = sign_in(&app).await;
    // The share of one network is one mail of twenty.
    ask(&app, &token, NEW_ADDRESS).await.assert_status(202);
    ask(&app, &token, "tretja@example.si").await.assert_status(202);
    app.deliver_all().await;
    assert_eq!((mails_to(&app, NEW_ADDRESS).await.len(), mails_to(&app, "tretja@example.si").await.len()), (1, 0));
}

async fn ow_03_wrong_numbers_are_limited_and_end_no_withdrawal(engine: Engine) {
    let app = TestApp::start(engine).await;
    let token = sign_in(&app).await;
    let (_, withdraws) = ask_and_deliver(&app, &token).await;
    let wrong = || super::owner::use_link(&app, "/v1/email-changes/withdraw", &withdraws, "118503");
    for _ in 0..5 {
        assert_eq!(wrong().await.field_errors(), ["#/customer_number customer_number_mismatch"]);
    }
    wrong().await.assert_problem(429, "rate-limited");
    app.advance(TimeDelta::minutes(13));
    withdraw(&app, &withdraws).await.assert_status(200);
}
