//! Passwords that expire, or must be changed before.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{Change, accounts, email_change, passwords},
    jobs::{self, Background},
    types::{CustomerNumber, EmailAddress, Locale},
};
use tokio::{sync::watch, time};
use wiremock::ResponseTemplate;

use crate::support::{Customer, Engine, TestApp, administrator, database_tests, engine_tests, reason, text};

const NEW: &str = "Zimske-gume-27";

fn form(new: &str) -> Value {
    json!({ "new_password": new, "new_password_confirmation": new })
}

/// Signs in with a password that has expired, and returns the change token.
async fn change_token(app: &TestApp) -> String {
    let answer = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    answer.assert_problem(403, "password-expired");
    text(&answer.json(), "change_token").to_owned()
}

async fn expire(app: &TestApp) -> Change {
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    passwords::expire(&app.app, &administrator(), number, reason("a colleague has left")).await.unwrap()
}

database_tests![
    pw_09_an_expired_password_is_told_only_after_the_right_one,
    pw_09_the_change_token_sets_a_new_password_once,
    pw_09_of_changes_at_once_with_one_change_token_one_wins,
    pw_09_a_refusal_does_not_use_the_change_token_up,
    pw_09_the_change_token_serves_for_ten_minutes,
    pw_09_the_change_token_ends_with_a_reset_and_a_closing,
    pw_09_an_expired_password_can_be_reset_as_well,
    pw_09_reminders_fourteen_days_and_one_day_before_each_once,
    pw_09_a_reminder_survives_a_mail_api_that_is_down_for_a_day,
    pw_09_a_reminder_that_waits_follows_the_customer_to_another_address,
    pw_09_a_reminder_is_dropped_once_the_password_is_changed,
    pw_09_no_reminder_to_nobody,
    pw_09_after_a_long_standstill_only_the_last_reminder_goes_out,
    pw_09_two_running_workers_remind_once,
    lg_11_an_administrator_s_expiry_sends_the_reset_mail_and_no_token,
    change_is_recommended_by_age,
];

async fn pw_09_an_expired_password_is_told_only_after_the_right_one(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(180) - TimeDelta::seconds(1));
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    app.advance(TimeDelta::seconds(1));
    app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await.assert_problem(401, "invalid-credentials");
    let answer = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    answer.assert_problem(403, "password-expired");
    let mut body = answer.json();
    assert!(body["change_token"].take().as_str().unwrap().len() > 100);
    body["request_id"].take();
    insta::assert_snapshot!(serde_json::to_string_pretty(&body).unwrap(), @r#"
    {
      "type": "https://identity.test/problems/password-expired",
      "title": "The password must be changed",
      "status": 403,
      "detail": "Vaše geslo je poteklo. Nastavite novo.",
      "code": "password-expired",
      "request_id": null,
      "reason": "expired",
      "change_token": null,
      "expires_in": 600
    }
    "#);
    assert_eq!(app.dump().counts()["sessions"], 1);
}

async fn pw_09_the_change_token_sets_a_new_password_once(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(180));
    let token = change_token(app).await;
    let answer = app.change(&token, form(NEW)).await;
    answer.assert_status(200);
    let body = answer.json();
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["message", "device_token"], "nobody is signed in");
    assert_eq!(body["message"], "Geslo je bilo zamenjano.");
    app.change(&token, form("Tretje-geslo-2")).await.assert_problem(401, "invalid-token");
    let signed_in = app.sign_in_from(text(&body, "device_token"), Customer::ANA.number, NEW).await;
    signed_in.assert_status(201);
    assert_eq!(signed_in.json()["device_token"], body["device_token"]);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1, "the notice");
}

async fn pw_09_of_changes_at_once_with_one_change_token_one_wins(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(180));
    let token = change_token(app).await;
    let news: Vec<String> = (0..4).map(|index| format!("Zimske-gume-{index}x")).collect();
    let answers = join_all(news.iter().map(|new| app.change(&token, form(new)))).await;
    let winners: Vec<_> = answers.iter().zip(&news).filter(|(answer, _)| answer.status == 200).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| [200, 401].contains(&answer.status)), "{answers:?}");
    app.sign_in(Customer::ANA.number, winners[0].1).await.assert_status(201);
    assert_eq!(app.events("authn_password_change"), 1);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn pw_09_a_refusal_does_not_use_the_change_token_up(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(180));
    let token = change_token(app).await;
    assert_eq!(
        app.change(&token, form(Customer::ANA.password)).await.field_errors(),
        ["#/new_password same_as_current"]
    );
    assert_eq!(app.change(&token, json!({})).await.field_errors().len(), 2, "no current password is asked for");
    app.change(&token, form(NEW)).await.assert_status(200);
    app.deliver_all().await;
}

async fn pw_09_the_change_token_serves_for_ten_minutes(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(180));
    let token = change_token(app).await;
    app.advance(TimeDelta::seconds(599));
    app.change(&token, form("x")).await.assert_problem(422, "validation-failed");
    app.advance(TimeDelta::seconds(1));
    app.change(&token, form(NEW)).await.assert_problem(401, "invalid-token");
}

async fn pw_09_the_change_token_ends_with_a_reset_and_a_closing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(180));
    let token = change_token(app).await;
    let link = app.token_for(&Customer::ANA).await;
    app.complete(&link, Customer::ANA.number, NEW).await.assert_status(200);
    app.change(&token, form("Tretje-geslo-2")).await.assert_problem(401, "invalid-token");
    app.deliver_all().await;
    app.advance(TimeDelta::days(180));
    let answer = app.sign_in(Customer::ANA.number, NEW).await;
    app.close(&Customer::ANA).await;
    let token = answer.json()["change_token"].as_str().unwrap().to_owned();
    app.change(&token, form("Tretje-geslo-2")).await.assert_problem(401, "invalid-token");
}

async fn pw_09_an_expired_password_can_be_reset_as_well(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(200));
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.sign_in(Customer::ANA.number, NEW).await.assert_status(201);
    app.deliver_all().await;
}

async fn pw_09_reminders_fourteen_days_and_one_day_before_each_once(app: &TestApp) {
    app.create(&Customer::ANA, Locale::En, Some(Customer::ANA.password)).await;
    let mut sent = Vec::new();
    for day in 1..=182 {
        app.advance(TimeDelta::days(1));
        for _ in 0..2 {
            jobs::keep_house(&app.app).await;
            app.deliver_all().await;
        }
        let count = app.mail_api.mails().await.len();
        if count > sent.len() {
            sent.push(day);
        }
    }
    assert_eq!(sent, [166, 179]);
    let mails = app.mail_api.mails().await;
    assert_eq!(mails[0].subject(), "STAkis: your password expires soon");
    for mail in &mails {
        assert!(mail.text().contains("is valid only until 21 May 2027."), "{}", mail.text());
        assert_eq!(mail.body["Headers"]["List-Unsubscribe"], "<mailto:stakis.support@stahlgruber.si>");
    }
    assert_eq!(app.events("authn_password_expiry_reminded"), 2);
}

async fn pw_09_a_reminder_survives_a_mail_api_that_is_down_for_a_day(app: &TestApp) {
    app.create(&Customer::ANA, Locale::En, Some(Customer::ANA.password)).await;
    // The first time the password is still valid when the mail API recovers; the second time it has expired.
    let down_for_thirty_hours = async |days| {
        app.mail_api.answer_with(ResponseTemplate::new(503)).await;
        app.advance(TimeDelta::days(days));
        for _ in 0..30 {
            jobs::keep_house(&app.app).await;
            app.deliver_all().await;
            app.advance(TimeDelta::hours(1));
        }
        app.mail_api.recover().await;
        for _ in 0..3 {
            app.advance(TimeDelta::hours(1));
            jobs::keep_house(&app.app).await;
            app.deliver_all().await;
        }
        let mails = app.mail_api.mails().await;
        assert_eq!(mails.len(), 1);
        format!("{}\n{}", mails[0].subject(), mails[0].text())
    };
    let first = down_for_thirty_hours(166).await;
    assert!(first.starts_with("STAkis: your password expires soon\n"), "{first}");
    assert!(first.contains("is valid only until 21 May 2027."), "{first}");
    let last = down_for_thirty_hours(12).await;
    assert!(last.starts_with("STAkis: your password has expired\n"), "{last}");
    assert!(last.contains("was valid until 21 May 2027."), "{last}");
}

async fn pw_09_a_reminder_that_waits_follows_the_customer_to_another_address(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    app.mail_api.answer_with(ResponseTemplate::new(503)).await;
    app.advance(TimeDelta::days(166));
    jobs::keep_house(&app.app).await;
    app.deliver_all().await;
    // Meanwhile the address of one customer changes, and the access of the other one is closed.
    let number = |customer: &Customer| CustomerNumber::parse(customer.number).unwrap();
    let new = EmailAddress::parse("nova-delavnica@example.si").unwrap();
    email_change::set(&app.app, &administrator(), number(&Customer::ANA), new, None).await.unwrap();
    app.close(&Customer::BOJAN).await;
    app.mail_api.recover().await;
    let next_hour = async || {
        for _ in 0..3 {
            app.advance(TimeDelta::minutes(20));
            jobs::keep_house(&app.app).await;
            app.deliver_all().await;
        }
        let mails = app.mail_api.mails().await;
        let reminders = mails.into_iter().filter(|mail| mail.subject() == "STAkis: geslo kmalu poteče");
        reminders.map(|mail| mail.to().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(next_hour().await, ["nova-delavnica@example.si"]);
    accounts::reopen(&app.app, &administrator(), number(&Customer::BOJAN), None).await.unwrap();
    assert_eq!(next_hour().await, ["nova-delavnica@example.si", Customer::BOJAN.email]);
    assert_eq!(next_hour().await.len(), 2, "each once");
}

async fn pw_09_a_reminder_is_dropped_once_the_password_is_changed(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(166));
    let session = app.session(&Customer::ANA).await;
    jobs::keep_house(&app.app).await;
    app.advance(TimeDelta::minutes(1));
    let mut change = form(NEW);
    change["current_password"] = Customer::ANA.password.into();
    app.change(text(&session, "access_token"), change).await.assert_status(200);
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject(), "STAkis: geslo je bilo zamenjano");
    // The reminder about the new password comes in its own time.
    app.advance(TimeDelta::days(166));
    jobs::keep_house(&app.app).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 2);
}

async fn pw_09_no_reminder_to_nobody(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.close(&Customer::ANA).await;
    app.create(&Customer { number: "100003", email: "new@example.si", password: "" }, Locale::Sl, None).await;
    app.advance(TimeDelta::days(170));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.deliver_all().await, 0);
}

async fn pw_09_after_a_long_standstill_only_the_last_reminder_goes_out(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(179) + TimeDelta::hours(1));
    jobs::keep_house(&app.app).await;
    jobs::keep_house(&app.app).await;
    assert_eq!(app.deliver_all().await, 1);
}

async fn pw_09_two_running_workers_remind_once(app: &TestApp) {
    let customers: Vec<Customer> = ["200001", "200002", "200003", "200004", "200005"]
        .map(|number| Customer { number, email: "delavnica@example.si", password: "Poletne-gume-26" })
        .into();
    for customer in &customers {
        app.make(customer).await;
    }
    app.advance(TimeDelta::days(166));
    let (_, other) = app.second_instance().await;
    let (stop, stopped) = watch::channel(false);
    let workers = [app.app.clone(), other.clone()]
        .map(|app| tokio::spawn(jobs::run(app, Background::Everything, stopped.clone())));
    let arrived = async {
        while app.mail_api.mails().await.len() < customers.len() {
            time::sleep(Duration::from_millis(20)).await;
        }
    };
    time::timeout(Duration::from_secs(20), arrived).await.expect("the reminders go out by themselves");
    // Both instances look once more, at the same time.
    join_all([&app.app, &other].map(jobs::keep_house)).await;
    stop.send_replace(true);
    for worker in workers {
        worker.await.unwrap();
    }
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), customers.len());
}

async fn lg_11_an_administrator_s_expiry_sends_the_reset_mail_and_no_token(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    assert_eq!(expire(app).await, Change::Changed);
    assert_eq!(expire(app).await, Change::Unchanged);
    app.account(text(&session, "access_token")).await.assert_problem(401, "invalid-token");
    app.refresh(text(&session, "refresh_token")).await.assert_problem(401, "invalid-token");
    app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await.assert_problem(401, "invalid-credentials");
    for _ in 0..2 {
        let answer = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
        answer.assert_problem(403, "password-expired");
        assert_eq!(answer.json()["reason"], "administrative");
        assert!(answer.json().get("change_token").is_none() && answer.json().get("expires_in").is_none());
    }
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 1, "one mail for both");
    app.complete(&mails[0].token(), Customer::ANA.number, NEW).await.assert_status(200);
    app.sign_in(Customer::ANA.number, NEW).await.assert_status(201);
    app.deliver_all().await;
    assert_eq!(app.events("authn_password_expired"), 1);
}

async fn change_is_recommended_by_age(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(60));
    let young = app.session(&Customer::ANA).await;
    assert_eq!(young["password"]["change_recommended"], false);
    app.advance(TimeDelta::seconds(1));
    let body = app.session(&Customer::ANA).await;
    assert_eq!(body["password"]["change_recommended"], true);
    assert_eq!(body["password"]["change_recommended_reasons"], json!(["password_age"]));
    assert_eq!(app.account(text(&body, "access_token")).await.json()["password"], body["password"]);
}

engine_tests![pw_09_passwords_do_not_expire_where_the_profile_says_so,];

async fn pw_09_passwords_do_not_expire_where_the_profile_says_so(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.password.max_age_days = Some(0)).await;
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(3000));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.deliver_all().await, 0);
    let session = app.session(&Customer::ANA).await;
    assert_eq!(session["password"]["expires_at"], Value::Null);
    assert_eq!(session["password"]["change_recommended"], false);
}
