//! What support is told of a mail that came back.

use serde_json::{Value, json};
use stakis_identity::types::{BounceCause, DeliveryKind};
use wiremock::ResponseTemplate;

use crate::support::{
    Customer, TestApp, database_tests,
    delivery_events::{accept_by_id, newest, reset, take_bounce},
    diagnosis::{codes, token},
    send,
};

database_tests![
    wh_04_support_hears_of_a_full_mailbox_and_that_asking_helps,
    wh_04_support_hears_that_there_is_no_such_mailbox_and_of_the_pause,
    wh_04_support_hears_of_the_mail_api_s_own_list,
];

async fn diagnosis_in_english(app: &TestApp) -> Value {
    let request = app.request(reqwest::Method::POST, "/v1/support/diagnosis").bearer_auth(token(app).await);
    let body = json!({ "customer_number": Customer::ANA.number });
    send(request.header("accept-language", "en").json(&body)).await.json()
}

fn next_step(diagnosis: &Value) -> &str {
    diagnosis["findings"][0]["next_step"].as_str().unwrap()
}

async fn asked(app: &TestApp) -> String {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    reset(app, &Customer::ANA).await.1
}

async fn wh_04_support_hears_of_a_full_mailbox_and_that_asking_helps(app: &TestApp) {
    let mut mail = asked(app).await;
    for (cause, code, told) in [
        (BounceCause::MailboxFull, Some("552 5.2.2"), "552 5.2.2, the mailbox is full"),
        (BounceCause::MailboxFull, None, "the mailbox is full"),
        (BounceCause::Policy, Some("550 5.7.1"), "by rules of its own"),
        (BounceCause::Content, None, "refuses the content"),
        (BounceCause::Other, Some("550 5.5.0"), "gives another reason"),
    ] {
        take_bounce(app, &mail, DeliveryKind::BouncedHard, cause, code).await;
        let diagnosis = diagnosis_in_english(app).await;
        assert_eq!(codes(&diagnosis), ["mail_bounced"], "{cause}");
        let next = next_step(&diagnosis);
        assert!(next.contains(told) && next.contains("Forgotten password"), "{cause}: {next}");
        mail = reset(app, &Customer::ANA).await.1;
    }
}

async fn wh_04_support_hears_that_there_is_no_such_mailbox_and_of_the_pause(app: &TestApp) {
    let mail = asked(app).await;
    take_bounce(app, &mail, DeliveryKind::BouncedHard, BounceCause::NoSuchMailbox, Some("550")).await;
    let diagnosis = diagnosis_in_english(app).await;
    assert_eq!(codes(&diagnosis), ["mail_bounced", "address_suppressed"]);
    let next = next_step(&diagnosis);
    assert!(next.contains("550, there is no such mailbox") && !next.contains("Forgotten password"), "{next}");
}

async fn wh_04_support_hears_of_the_mail_api_s_own_list(app: &TestApp) {
    let mail = asked(app).await;
    take_bounce(app, &mail, DeliveryKind::BouncedHard, BounceCause::Listed, None).await;
    let diagnosis = diagnosis_in_english(app).await;
    assert_eq!(codes(&diagnosis), ["mail_refused"]);
    let next = next_step(&diagnosis);
    assert!(next.contains("the mail provider's own suppression list"), "{next}");
    // A mail API without an answer for people is told as before.
    app.mail_api.answer_with(ResponseTemplate::new(400)).await;
    reset(app, &Customer::ANA).await;
    assert_eq!(newest(app).0, "refused");
    let diagnosis = diagnosis_in_english(app).await;
    assert!(!next_step(&diagnosis).contains("own suppression list"), "{diagnosis}");
}
