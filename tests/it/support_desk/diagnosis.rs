//! Why did no mail arrive: each story, and the finding that decides it.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{self, support::FindingCode},
    mail::DeliveryEvent,
    store::{
        StoreError, Transaction,
        audit_events::{self, Entry, Event},
        suppressions::{self, Suppression, SuppressionReason},
    },
    types::{CustomerNumber, DeliveryKind, EmailAddress, Locale, Scopes},
};
use wiremock::ResponseTemplate;

use crate::support::{Answer, Customer, TestApp, administrator, customer_context, database_tests, execute, send};
use stakis_identity::identity::Change;
use stakis_identity::identity::clients::RegisteredClient;

database_tests![
    diagnosis_no_such_customer,
    diagnosis_account_closed,
    diagnosis_no_email_on_file,
    diagnosis_email_differs_and_shows_it_masked,
    diagnosis_email_changed_cooling_off,
    diagnosis_no_request_received,
    diagnosis_request_swallowed_says_until_when,
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
    diagnosis_link_opened_by_scanner,
    diagnosis_link_opened,
    diagnosis_link_used,
    diagnosis_link_expired,
    diagnosis_link_withdrawn,
    diagnosis_password_already_changed,
    diagnosis_sign_in_throttled,
    ad_10_the_customer_s_sentence_only_for_the_address_on_file,
    ad_10_a_diagnosis_is_audited_and_limited,
    ad_10_the_timeline_tells_of_mails_and_of_nothing_else,
    diagnosis_an_outage_is_told_before_a_mail_s_first_attempt,
    diagnosis_an_earlier_complaint_comes_last,
    diagnosis_a_pause_that_was_lifted_is_no_reason,
    diagnosis_a_pause_that_is_being_tried_is_no_reason,
    diagnosis_an_old_link_s_end_is_no_reason,
    diagnosis_a_link_s_end_before_another_request_is_no_reason,
    diagnosis_a_link_s_end_before_a_pause_is_no_reason,
    diagnosis_a_stranger_s_request_hides_nothing,
    diagnosis_enough_links_until_one_expires,
    diagnosis_link_opened_by_scanner_only_right_after_delivery,
    diagnosis_every_sentence_is_whole_in_every_language,
    lo_03_a_diagnosis_shows_no_address_token_or_reason,
];

const NEW: &str = "Zimske-gume-27";

async fn token(app: &TestApp) -> String {
    let scopes = Scopes::parse("support:read").unwrap();
    let RegisteredClient { client, secret } =
        identity::clients::create(&app.app, &administrator(), "Podpora".into(), scopes).await.unwrap();
    let request = app.request(Method::POST, "/oauth2/token").basic_auth(client.id, Some(secret.expose()));
    let form = "grant_type=client_credentials";
    let answer = send(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await;
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

async fn ask(app: &TestApp, body: Value) -> Answer {
    let token = token(app).await;
    send(app.request(Method::POST, "/v1/support/diagnosis").bearer_auth(token).json(&body)).await
}

async fn diagnosis(app: &TestApp) -> Value {
    let answer = ask(app, json!({ "customer_number": Customer::ANA.number })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn codes(diagnosis: &Value) -> Vec<&str> {
    let findings = diagnosis["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

#[track_caller]
fn events(diagnosis: &Value) -> Vec<&str> {
    let timeline = diagnosis["timeline"].as_array().unwrap();
    timeline.iter().map(|moment| moment["event"].as_str().unwrap()).collect()
}

/// A customer who has asked, and whose mail has gone out.
async fn asked(app: &TestApp) -> String {
    app.make(&Customer::ANA).await;
    app.token_for(&Customer::ANA).await
}

async fn told(app: &TestApp, kind: DeliveryKind, smtp_code: Option<&str>) {
    let event = DeliveryEvent {
        event_id: format!("event-{}", kind.as_str()),
        provider_message_id: "provider-1".to_owned(),
        message_id: None,
        kind,
        occurred_at: app.app.clock.now(),
        smtp_code: smtp_code.map(str::to_owned),
    };
    identity::outbox::record_delivery(&app.app, "mailpit", vec![event]).await.unwrap();
}

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
    identity::accounts::change_email(&app.app, &administrator(), number, email, None).await.unwrap();
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    // The notice to the old address, and no link to the new one.
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
    assert!(diagnosis["findings"][0]["next_step"].as_str().unwrap().contains("http 500"), "{diagnosis}");
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
        identity::outbox::lift_suppression(&app.app, &administrator(), number.clone()).await.unwrap(),
        Change::Changed
    );
    assert_eq!(
        identity::outbox::lift_suppression(&app.app, &administrator(), number).await.unwrap(),
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
    // Late, and out of order: nothing steps back.
    let event = DeliveryEvent {
        event_id: "another".to_owned(),
        provider_message_id: "provider-1".to_owned(),
        message_id: None,
        kind: DeliveryKind::Deferred,
        occurred_at: app.app.clock.now(),
        smtp_code: None,
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

async fn diagnosis_link_opened_by_scanner(app: &TestApp) {
    let token = asked(app).await;
    app.advance(TimeDelta::seconds(20));
    told(app, DeliveryKind::Delivered, None).await;
    app.advance(TimeDelta::seconds(3));
    assert_eq!(app.verify(&token).await.status, 200);
    assert_eq!(codes(&diagnosis(app).await), ["link_opened_by_scanner", "mail_delivered"]);
}

async fn diagnosis_link_opened(app: &TestApp) {
    let token = asked(app).await;
    app.advance(TimeDelta::minutes(7));
    assert_eq!(app.verify(&token).await.status, 200);
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis)[0], "link_opened");
    assert!(events(&diagnosis).contains(&"reset_verified"));
}

async fn diagnosis_link_used(app: &TestApp) {
    let token = asked(app).await;
    assert_eq!(app.complete(&token, Customer::ANA.number, NEW).await.status, 200);
    app.deliver_all().await;
    assert_eq!(codes(&diagnosis(app).await)[0], "link_used");
}

async fn diagnosis_link_expired(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::Delivered, None).await;
    app.advance(TimeDelta::minutes(61));
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis), ["link_expired", "mail_delivered"]);
    assert!(events(&diagnosis).contains(&"reset_link_expired"));
}

async fn diagnosis_link_withdrawn(app: &TestApp) {
    let token = asked(app).await;
    assert_eq!(app.post("/v1/password-resets/withdraw", json!({ "token": token })).await.status, 200);
    assert_eq!(codes(&diagnosis(app).await)[0], "link_withdrawn");
}

async fn diagnosis_password_already_changed(app: &TestApp) {
    let first = asked(app).await;
    app.advance(TimeDelta::minutes(6));
    app.token_for(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(1));
    assert_eq!(app.complete(&first, Customer::ANA.number, NEW).await.status, 200);
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

async fn ad_10_the_customer_s_sentence_only_for_the_address_on_file(app: &TestApp) {
    asked(app).await;
    assert_eq!(diagnosis(app).await["findings"][0]["message"], Value::Null);
    let body = json!({ "customer_number": Customer::ANA.number, "email": "delavnica@EXAMPLE.si" });
    assert!(ask(app, body).await.json()["findings"][0]["message"].is_string());
    let wrong = ask(app, json!({ "customer_number": "12", "email": "nič" })).await;
    assert_eq!(wrong.field_errors(), ["#/customer_number invalid_format", "#/email invalid_format"]);
}

async fn ad_10_a_diagnosis_is_audited_and_limited(app: &TestApp) {
    app.make(&Customer::ANA).await;
    diagnosis(app).await;
    assert_eq!(app.events("support_diagnosis"), 1);
    let body = json!({ "customer_number": Customer::ANA.number });
    let path = "/v1/support/diagnosis";
    app.post(path, body.clone()).await.assert_problem(401, "invalid-token");
    let customer = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.deliver_all().await;
    let request = app.request(Method::POST, path).bearer_auth(customer);
    send(request.json(&body)).await.assert_problem(401, "invalid-token");
    let token = token(app).await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(send(app.request(Method::POST, path).bearer_auth(&token).json(&body)).await);
    }
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 429]);
    answers[3].assert_problem(429, "rate-limited");
    app.advance(TimeDelta::seconds(20));
    assert_eq!(send(app.request(Method::POST, path).bearer_auth(&token).json(&body)).await.status, 200);
    assert_eq!(app.events("support_diagnosis"), 5);
}

async fn ad_10_the_timeline_tells_of_mails_and_of_nothing_else(app: &TestApp) {
    asked(app).await;
    let access_token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.deliver_all().await;
    assert_eq!(app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await.status, 401);
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    identity::accounts::close(&app.app, &administrator(), number.clone(), Some("neplačani računi".into()))
        .await
        .unwrap();
    identity::accounts::reopen(&app.app, &administrator(), number.clone(), None).await.unwrap();
    app.deliver_all().await;
    assert_eq!(app.account(&access_token).await.status, 401);
    // More of what is not shown than a timeline is long.
    app.advance(TimeDelta::minutes(1));
    let now = app.app.clock.now();
    let guesses = move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
        (0..120).try_for_each(|_| {
            let guess =
                Entry::new(Event::LoginFail, &customer_context(), now).number(&number).detail("wrong password");
            audit_events::append(tx, &guess)
        })
    };
    app.app.database.write(guesses).await.unwrap();
    let diagnosis = diagnosis(app).await;
    let mut shown = events(&diagnosis);
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(shown, ["mail_handed_over", "reset_processed", "reset_requested", "user_closed", "user_reopened"]);
    assert!(["authn_login_success", "authn_login_fail", "user_created"].iter().all(|event| app.events(event) > 0));
    for moment in diagnosis["timeline"].as_array().unwrap() {
        let event = moment["event"].as_str().unwrap();
        assert!(!event.starts_with("user_") || moment["detail"].is_null(), "{moment}");
    }
    let processed = diagnosis["timeline"].as_array().unwrap().iter().find(|m| m["event"] == "reset_processed");
    assert_eq!(processed.unwrap()["detail"], "link_made");
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
    assert!(down["findings"][0]["next_step"].as_str().unwrap().contains("no mail API works"), "{down}");
    // Another instance finds the mail API well again: now this mail only waits for its turn.
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
    identity::outbox::lift_suppression(&app.app, &administrator(), number).await.unwrap();
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
    // A second mail is none that tries.
    app.advance(TimeDelta::hours(2));
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(codes(&diagnosis(app).await), ["address_suppressed"]);
}

/// A customer whose link has set a password two minutes after he asked for it.
async fn used(app: &TestApp) {
    let token = asked(app).await;
    app.advance(TimeDelta::minutes(2));
    assert_eq!(app.complete(&token, Customer::ANA.number, NEW).await.status, 200);
    app.deliver_all().await;
}

async fn diagnosis_an_old_link_s_end_is_no_reason(app: &TestApp) {
    used(app).await;
    app.advance(TimeDelta::hours(23));
    assert_eq!(codes(&diagnosis(app).await)[0], "link_used");
    app.advance(TimeDelta::hours(1));
    assert_eq!(codes(&diagnosis(app).await), ["no_request_received"]);
}

async fn diagnosis_a_link_s_end_before_another_request_is_no_reason(app: &TestApp) {
    used(app).await;
    app.advance(TimeDelta::minutes(1));
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    let swallowed = diagnosis(app).await;
    assert_eq!(codes(&swallowed), ["request_swallowed"]);
    assert_eq!(swallowed["findings"][0]["until"], "2026-11-22T13:05:00.000Z");
    app.advance(TimeDelta::minutes(5));
    assert_eq!(codes(&diagnosis(app).await), ["no_request_received"]);
    // What was asked for and waits for the worker is news, too.
    app.ask(Customer::ANA.number).await;
    assert_eq!(codes(&diagnosis(app).await), ["mail_waiting"]);
    app.deliver_all().await;
}

async fn diagnosis_a_link_s_end_before_a_pause_is_no_reason(app: &TestApp) {
    used(app).await;
    app.advance(TimeDelta::minutes(1));
    let now = app.app.clock.now();
    let pause = move |tx: &mut Transaction<'_>| {
        let (reason, retry_at) = (SuppressionReason::HardBounce, Some(now + TimeDelta::days(7)));
        let suppression = Suppression { reason, since: now, retry_at, detail: Some("550 5.1.1".to_owned()) };
        suppressions::set(tx, &EmailAddress::parse(Customer::ANA.email).unwrap(), &suppression)
    };
    app.app.database.write(pause).await.unwrap();
    assert_eq!(codes(&diagnosis(app).await)[0], "address_suppressed");
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

async fn diagnosis_link_opened_by_scanner_only_right_after_delivery(app: &TestApp) {
    let token = asked(app).await;
    app.advance(TimeDelta::seconds(3));
    assert_eq!(app.verify(&token).await.status, 200);
    // When the mail arrived is not known.
    assert_eq!(codes(&diagnosis(app).await)[0], "link_opened");
    app.advance(TimeDelta::seconds(5));
    told(app, DeliveryKind::Delivered, None).await;
    assert_eq!(codes(&diagnosis(app).await)[0], "link_opened", "before it was delivered");
    for (after, code) in [(0, "link_opened_by_scanner"), (10, "link_opened_by_scanner"), (11, "link_opened")] {
        execute(&app.database.url, "UPDATE reset_links SET first_looked_at = NULL").unwrap();
        app.advance(TimeDelta::seconds(after));
        assert_eq!(app.verify(&token).await.status, 200);
        assert_eq!(codes(&diagnosis(app).await)[0], code, "{after}");
        app.advance(-TimeDelta::seconds(after));
    }
}

async fn diagnosis_every_sentence_is_whole_in_every_language(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::BouncedHard, Some("550 5.1.1")).await;
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    let question = identity::support::Question { number, email: None };
    let diagnosis = identity::support::diagnose(&app.app, &administrator(), question).await.unwrap();
    let finding = diagnosis.findings.into_iter().next().unwrap();
    for code in FindingCode::ALL {
        for locale in Locale::ALL {
            let finding = identity::support::Finding { code, ..finding.clone() };
            for sentence in [finding.customer_sentence(locale), finding.next_step(locale)] {
                assert!(sentence.len() > 20 && !sentence.contains(['{', '}']), "{locale} {code:?}: {sentence}");
                assert!(!sentence.contains("finding-"), "{locale} {code:?}: {sentence}");
            }
        }
    }
}

async fn lo_03_a_diagnosis_shows_no_address_token_or_reason(app: &TestApp) {
    let token = asked(app).await;
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    identity::accounts::close(&app.app, &administrator(), number, Some("neplačani računi".into())).await.unwrap();
    app.deliver_all().await;
    let body = json!({ "customer_number": Customer::ANA.number, "email": Customer::ANA.email });
    let answer = ask(app, body).await;
    let message = answer.json()["findings"][0]["message"].as_str().unwrap().to_owned();
    assert!(!message.contains("računi"), "{message}");
    for secret in [Customer::ANA.email, token.as_str()] {
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
}
