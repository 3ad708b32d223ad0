//! Mails, and the delivery events that the mail API sends for them later.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stakis_identity::{
    identity::outbox::record_delivery,
    mail::DeliveryEvent,
    types::{BounceCause, Clock as _, DeliveryKind, UtcTime},
};
use wiremock::{Request, ResponseTemplate};

use super::{Customer, TestApp};

/// Makes the mail API name each mail by the service's own id.
pub(crate) async fn accept_by_id(app: &TestApp) {
    let accept = |request: &Request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        ResponseTemplate::new(200).set_body_json(json!({ "ID": body["Headers"]["X-Message-Id"] }))
    };
    app.mail_api.answer_with(accept).await;
}

/// The status and the id of the newest mail.
pub(crate) fn newest(app: &TestApp) -> (String, String) {
    let mail = app.mail_rows().into_iter().max_by_key(|mail| mail.created_at.clone()).unwrap();
    (mail.status, mail.id)
}

/// Asks for a reset half an hour later, and returns the status and the id of its mail.
pub(crate) async fn reset(app: &TestApp, customer: &Customer) -> (String, String) {
    app.advance(TimeDelta::minutes(31));
    app.ask(customer.number).await.assert_status(202);
    app.deliver_all().await;
    newest(app)
}

pub(crate) fn event_at(occurred_at: UtcTime, id: &str, mail: &str, kind: DeliveryKind) -> DeliveryEvent {
    DeliveryEvent {
        event_id: id.to_owned(),
        provider_message_id: Some(mail.to_owned()),
        message_id: None,
        kind,
        occurred_at,
        smtp_code: Some("550 5.1.1".to_owned()).filter(|_| kind == DeliveryKind::BouncedHard),
        cause: cause_at_first(kind),
    }
}

/// The cause of a bounce where a test names none: a hard one says that there is no such mailbox.
pub(crate) fn cause_at_first(kind: DeliveryKind) -> Option<BounceCause> {
    match kind {
        DeliveryKind::BouncedHard => Some(BounceCause::NoSuchMailbox),
        DeliveryKind::BouncedSoft => Some(BounceCause::Other),
        _ => None,
    }
}

/// Reports a bounce with this cause and code.
pub(crate) async fn take_bounce(
    app: &TestApp,
    mail: &str,
    kind: DeliveryKind,
    cause: BounceCause,
    smtp_code: Option<&str>,
) {
    let event = event_at(app.clock.now(), &format!("{mail}/{cause}"), mail, kind);
    let event = DeliveryEvent { cause: Some(cause), smtp_code: smtp_code.map(str::to_owned), ..event };
    record_delivery(&app.app, "mailpit", vec![event]).await.unwrap();
}

pub(crate) async fn take(app: &TestApp, mail: &str, kind: DeliveryKind) {
    let event = event_at(app.clock.now(), &format!("{mail}/{}", kind.as_str()), mail, kind);
    record_delivery(&app.app, "mailpit", vec![event]).await.unwrap();
}

/// The reason and the address of every suppression.
pub(crate) fn suppressed(app: &TestApp) -> Vec<[String; 2]> {
    app.suppressions().into_iter().map(|row| [row.reason, row.address]).collect()
}

/// Sends a mail to Ana that bounces for good, which pauses the address.
pub(crate) async fn bounce(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (status, mail) = reset(app, &Customer::ANA).await;
    assert_eq!(status, "handed_over");
    take(app, &mail, DeliveryKind::BouncedHard).await;
    assert_eq!(suppressed(app), [["hard_bounce", Customer::ANA.email]]);
}
