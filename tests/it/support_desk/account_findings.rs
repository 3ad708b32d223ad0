//! Findings that the account, its requests or its sign-ins decide.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stakis_identity::{
    identity,
    types::{CustomerNumber, DeliveryKind, EmailAddress},
};

use crate::support::{
    Customer, TestApp, administrator, database_tests,
    diagnosis::{NEW, ask, asked, codes, diagnosis, events, told},
    execute,
};

database_tests![
    diagnosis_no_such_customer,
    diagnosis_account_closed,
    diagnosis_no_email_on_file,
    diagnosis_email_differs_and_shows_it_masked,
    diagnosis_email_changed_cooling_off,
    diagnosis_no_request_received,
    diagnosis_request_swallowed_says_until_when,
    diagnosis_password_already_changed,
    diagnosis_sign_in_throttled,
    diagnosis_a_stranger_s_request_hides_nothing,
    diagnosis_enough_links_until_one_expires,
];

async fn diagnosis_no_such_customer(app: &TestApp) {
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis), ["no_such_customer"]);
    assert_eq!(diagnosis["findings"][0]["severity"], "blocking");
    assert!(events(&diagnosis).contains(&"reset_requested"));
}

async fn diagnosis_account_closed(app: &TestApp) {
    asked(app).await;
    app.close(&Customer::ANA).await;
    assert_eq!(codes(&diagnosis(app).await)[0], "account_closed");
}

async fn diagnosis_no_email_on_file(app: &TestApp) {
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET email = NULL").unwrap();
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(codes(&diagnosis(app).await)[0], "no_email_on_file");
}

async fn diagnosis_email_differs_and_shows_it_masked(app: &TestApp) {
    asked(app).await;
    let body = json!({ "customer_number": Customer::ANA.number, "email": "nekdo@example.com" });
    let answer = ask(app, body).await;
    let first = &answer.json()["findings"][0];
    assert_eq!((&first["code"], &first["message"]), (&json!("email_differs"), &Value::Null));
    let masked = EmailAddress::parse(Customer::ANA.email).unwrap().masked();
    assert!(first["next_step"].as_str().unwrap().contains(&masked), "{first}");
    assert!(!answer.text.contains(Customer::ANA.email) && !answer.text.contains("nekdo"), "{}", answer.text);
}

async fn diagnosis_email_changed_cooling_off(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    let email = EmailAddress::parse("nova@example.si").unwrap();
    identity::email_change::set(&app.app, &administrator(), number, email, None).await.unwrap();
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    // The old address gets the notice, and the new one gets no link.
    let recipients: Vec<String> = app.mail_api.mails().await.iter().map(|mail| mail.to().to_owned()).collect();
    assert_eq!(recipients, [Customer::ANA.email]);
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis)[0], "email_changed_cooling_off");
    assert_eq!(diagnosis["findings"][0]["until"], "2026-11-23T13:00:00.000Z");
    app.advance(TimeDelta::hours(24));
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.last().unwrap().to(), "nova@example.si");
}

async fn diagnosis_no_request_received(app: &TestApp) {
    app.make(&Customer::ANA).await;
    assert_eq!(codes(&diagnosis(app).await), ["no_request_received"]);
}

async fn diagnosis_request_swallowed_says_until_when(app: &TestApp) {
    asked(app).await;
    for _ in 0..3 {
        app.advance(TimeDelta::seconds(60));
        app.ask(Customer::ANA.number).await;
        app.deliver_all().await;
    }
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis)[0], "request_swallowed");
    assert_eq!(diagnosis["findings"][0]["until"], "2026-11-22T13:05:00.000Z");
    let swallowed = diagnosis["timeline"].as_array().unwrap().iter().find(|m| m["event"] == "reset_swallowed");
    assert_eq!(swallowed.unwrap()["count"], 3);
    app.advance(TimeDelta::minutes(5));
    assert_eq!(codes(&self::diagnosis(app).await)[0], "mail_handed_over_unconfirmed");
}

async fn diagnosis_password_already_changed(app: &TestApp) {
    let first = asked(app).await;
    app.advance(TimeDelta::minutes(6));
    app.token_for(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(1));
    app.complete(&first, Customer::ANA.number, NEW).await.assert_status(200);
    app.deliver_all().await;
    assert_eq!(codes(&diagnosis(app).await)[0], "password_already_changed");
}

async fn diagnosis_sign_in_throttled(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut status = 401;
    while status == 401 {
        status = app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await.status;
    }
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis), ["no_request_received", "sign_in_throttled"]);
    assert!(diagnosis["findings"][1]["until"].is_string());
}

async fn diagnosis_a_stranger_s_request_hides_nothing(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::Delivered, None).await;
    app.advance(TimeDelta::minutes(1));
    app.ask(Customer::ANA.number).await;
    assert_eq!(codes(&diagnosis(app).await), ["mail_delivered"]);
    app.advance(TimeDelta::minutes(10));
    app.ask(Customer::ANA.number).await;
    assert_eq!(codes(&diagnosis(app).await), ["mail_waiting", "mail_delivered"]);
    app.deliver_all().await;
    assert_eq!(codes(&diagnosis(app).await), ["mail_handed_over_unconfirmed"]);
}

async fn diagnosis_enough_links_until_one_expires(app: &TestApp) {
    asked(app).await;
    for _ in 0..2 {
        app.advance(TimeDelta::minutes(6));
        app.token_for(&Customer::ANA).await;
    }
    app.advance(TimeDelta::minutes(6));
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    app.advance(TimeDelta::minutes(41));
    let full = diagnosis(app).await;
    assert_eq!(codes(&full)[0], "request_swallowed");
    assert_eq!(full["findings"][0]["until"], "2026-11-22T14:00:00.000Z");
    app.advance(TimeDelta::minutes(1));
    assert_eq!(codes(&diagnosis(app).await), ["mail_handed_over_unconfirmed"]);
}
