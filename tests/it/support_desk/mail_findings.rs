//! Findings that the mail or the mail API decides.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use stakis_identity::{
    identity,
    identity::Change,
    mail::DeliveryEvent,
    types::{CustomerNumber, DeliveryKind},
};
use wiremock::ResponseTemplate;

use crate::support::{
    Customer, TestApp, administrator, database_tests,
    diagnosis::{asked, codes, diagnosis, events, token, told},
    execute, send,
};

database_tests![
    diagnosis_mail_waiting,
    diagnosis_mail_provider_down,
    diagnosis_mail_refused_and_the_address_paused,
    diagnosis_address_suppressed_and_lifted,
    diagnosis_mail_bounced_explains_the_code,
    diagnosis_mail_deferred_then_delivered,
    diagnosis_mail_handed_over_unconfirmed,
    diagnosis_mail_complained,
    diagnosis_mail_abandoned,
    diagnosis_mail_dropped,
    diagnosis_an_outage_is_told_before_a_mail_s_first_attempt,
    diagnosis_an_earlier_complaint_comes_last,
    diagnosis_a_pause_that_was_lifted_is_no_reason,
    diagnosis_a_pause_that_is_being_tried_is_no_reason,
];

async fn diagnosis_mail_waiting(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await;
    assert_eq!(codes(&diagnosis(app).await)[0], "mail_waiting");
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    app.deliver_all().await;
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis)[0], "mail_waiting");
    assert!(diagnosis["findings"][0]["until"].is_string(), "{diagnosis}");
    app.may_leave_jobs();
}

async fn diagnosis_mail_provider_down(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    app.ask(Customer::ANA.number).await;
    for _ in 0..2 {
        app.deliver_all().await;
        app.advance(TimeDelta::seconds(40));
    }
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis)[0], "mail_provider_down");
    assert!(
        diagnosis["findings"][0]["next_step"].as_str().unwrap().contains("odgovoril s kodo 500"),
        "{diagnosis}"
    );
    app.may_leave_jobs();
}

async fn diagnosis_mail_refused_and_the_address_paused(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(400)).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(codes(&diagnosis(app).await)[0], "mail_refused");
}

async fn diagnosis_address_suppressed_and_lifted(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::BouncedHard, Some("550 5.1.1")).await;
    app.advance(TimeDelta::hours(2));
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
    assert_eq!(codes(&diagnosis(app).await)[0], "address_suppressed");
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    assert_eq!(
        identity::outbox::lift_suppression(&app.app, &administrator(), number.clone(), None).await.unwrap(),
        Change::Changed
    );
    assert_eq!(
        identity::outbox::lift_suppression(&app.app, &administrator(), number, None).await.unwrap(),
        Change::Unchanged
    );
    app.advance(TimeDelta::hours(2));
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 2);
}

async fn diagnosis_mail_bounced_explains_the_code(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::BouncedHard, Some("550 5.1.1")).await;
    let token = token(app).await;
    let request = app.request(Method::POST, "/v1/support/diagnosis").bearer_auth(token);
    let body = json!({ "customer_number": Customer::ANA.number });
    let diagnosis = send(request.header("accept-language", "en").json(&body)).await.json();
    assert_eq!(codes(&diagnosis)[..2], ["mail_bounced", "address_suppressed"]);
    let next = diagnosis["findings"][0]["next_step"].as_str().unwrap();
    assert!(next.contains("550 5.1.1, there is no such mailbox"), "{next}");
}

async fn diagnosis_mail_deferred_then_delivered(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::Deferred, Some("451 4.7.1")).await;
    assert_eq!(codes(&diagnosis(app).await)[0], "mail_deferred");
    told(app, DeliveryKind::Delivered, None).await;
    let after = diagnosis(app).await;
    assert_eq!(codes(&after)[0], "mail_delivered");
    assert_eq!(events(&after).iter().filter(|event| **event == "mail_delivery").count(), 2);
    // A late event, out of order, does not change the state.
    let event = DeliveryEvent {
        event_id: "another".to_owned(),
        provider_message_id: Some("provider-1".to_owned()),
        message_id: None,
        kind: DeliveryKind::Deferred,
        occurred_at: app.app.clock.now(),
        smtp_code: None,
        cause: None,
    };
    identity::outbox::record_delivery(&app.app, "mailpit", vec![event]).await.unwrap();
    assert_eq!(codes(&diagnosis(app).await)[0], "mail_delivered");
}

async fn diagnosis_mail_handed_over_unconfirmed(app: &TestApp) {
    asked(app).await;
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis), ["mail_handed_over_unconfirmed"]);
    let story = ["mail_handed_over", "reset_processed", "reset_requested"];
    assert!(story.iter().all(|event| events(&diagnosis).contains(event)), "{diagnosis}");
}

async fn diagnosis_mail_complained(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::Complained, None).await;
    assert_eq!(codes(&diagnosis(app).await)[0], "mail_complained");
    app.advance(TimeDelta::hours(2));
    // A stranger's requests must not cost the owner the reset.
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 2);
}

async fn diagnosis_mail_abandoned(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    app.advance(TimeDelta::hours(24));
    app.deliver_all().await;
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis)[0], "mail_abandoned");
    assert_eq!(events(&diagnosis).iter().filter(|event| **event == "mail_given_up").count(), 1);
}

async fn diagnosis_mail_dropped(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    execute(&app.database.url, "UPDATE accounts SET email = 'druga@example.si'").unwrap();
    app.advance(TimeDelta::minutes(1));
    app.deliver_all().await;
    assert_eq!(codes(&diagnosis(app).await)[0], "mail_dropped");
}

async fn diagnosis_an_outage_is_told_before_a_mail_s_first_attempt(app: &TestApp) {
    let (bor, cene) =
        (Customer { number: "005328", ..Customer::ANA }, Customer { number: "005329", ..Customer::ANA });
    for customer in [&Customer::ANA, &bor, &cene] {
        app.make(customer).await;
    }
    app.mail_api.answer_with(ResponseTemplate::new(401)).await;
    app.ask(bor.number).await;
    app.deliver_all().await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    let down = diagnosis(app).await;
    assert_eq!(codes(&down), ["mail_provider_down"]);
    assert!(
        down["findings"][0]["next_step"].as_str().unwrap().contains("noben ponudnik pošte trenutno ne deluje"),
        "{down}"
    );
    // Another instance finds the mail API working again, so this mail only waits for its turn.
    app.mail_api.recover().await;
    app.advance(TimeDelta::seconds(1));
    app.ask(cene.number).await;
    let (_, second) = app.second_instance().await;
    stakis_identity::jobs::run_all_due(&second).await.unwrap();
    assert_eq!(app.mail_api.mails().await.len(), 1);
    assert_eq!(codes(&diagnosis(app).await), ["mail_waiting"]);
    app.may_leave_jobs();
}

async fn diagnosis_an_earlier_complaint_comes_last(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::Complained, None).await;
    app.advance(TimeDelta::hours(2));
    app.token_for(&Customer::ANA).await;
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis), ["mail_handed_over_unconfirmed", "mail_complained"]);
    assert_eq!(diagnosis["findings"][1]["severity"], "info");
}

async fn diagnosis_a_pause_that_was_lifted_is_no_reason(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::BouncedHard, Some("550 5.1.1")).await;
    app.advance(TimeDelta::hours(2));
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(codes(&diagnosis(app).await), ["address_suppressed"]);
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    identity::outbox::lift_suppression(&app.app, &administrator(), number, None).await.unwrap();
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis), ["no_request_received"]);
    assert!(events(&diagnosis).contains(&"mail_suppression_lifted"));
}

async fn diagnosis_a_pause_that_is_being_tried_is_no_reason(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::BouncedHard, Some("550 5.1.1")).await;
    app.advance(TimeDelta::hours(2));
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    app.advance(TimeDelta::days(7));
    assert_eq!(codes(&diagnosis(app).await), ["no_request_received"]);
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(codes(&diagnosis(app).await), ["mail_waiting"]);
    app.mail_api.recover().await;
    app.advance(TimeDelta::minutes(1));
    app.deliver_all().await;
    assert_eq!(codes(&diagnosis(app).await), ["mail_handed_over_unconfirmed"]);
    // Only one mail tries the address, so a second one is suppressed.
    app.advance(TimeDelta::hours(2));
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(codes(&diagnosis(app).await), ["address_suppressed"]);
}
