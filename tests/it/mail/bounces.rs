//! Why mails come back: only "no such mailbox" keeps an owner from the next mail.

use chrono::TimeDelta;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::json;
use stakis_identity::{
    config::MailProviderKind,
    identity::outbox::record_delivery,
    mail::DeliveryEvent,
    types::{BounceCause, Clock as _, DeliveryKind},
};
use wiremock::ResponseTemplate;

use crate::support::{
    Customer, Engine, TestApp, database_tests,
    delivery_events::{accept_by_id, bounce, event_at, reset, suppressed, take_bounce},
    engine_tests, send,
};

database_tests![
    wh_04_only_no_such_mailbox_pauses_an_address,
    wh_04_any_other_bounce_leaves_one_try_for_each_request,
    wh_04_the_try_that_comes_back_for_another_cause_ends_the_pause,
    wh_04_a_late_bounce_for_another_cause_ends_no_pause,
];

const NOTHING: [[&str; 2]; 0] = [];

async fn wh_04_only_no_such_mailbox_pauses_an_address(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    for &cause in BounceCause::ALL {
        for kind in [DeliveryKind::BouncedSoft, DeliveryKind::BouncedHard] {
            let (status, mail) = reset(app, &Customer::ANA).await;
            assert_eq!(status, "handed_over", "{kind} {cause}");
            take_bounce(app, &mail, kind, cause, None).await;
            let rows = app.mail_rows();
            let row = rows.iter().find(|row| row.id == mail).unwrap();
            assert_eq!((row.delivery.as_str(), row.bounce_cause.as_str()), (kind.as_str(), cause.as_str()));
            if (kind, cause) == (DeliveryKind::BouncedHard, BounceCause::NoSuchMailbox) {
                assert_eq!(suppressed(app), [["hard_bounce", Customer::ANA.email]]);
                assert_eq!(reset(app, &Customer::ANA).await.0, "suppressed");
                app.advance(TimeDelta::days(8));
            } else {
                assert_eq!(suppressed(app), NOTHING, "{kind} {cause}");
            }
        }
    }
}

async fn wh_04_any_other_bounce_leaves_one_try_for_each_request(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    for round in 1..=4 {
        let (_, mail) = reset(app, &Customer::ANA).await;
        take_bounce(app, &mail, DeliveryKind::BouncedHard, BounceCause::MailboxFull, Some("552 5.2.2")).await;
        // That mail has come to its end, and no other one goes out without a request.
        app.advance(TimeDelta::days(1));
        app.deliver_all().await;
        assert_eq!(app.mail_api.mails().await.len(), round);
    }
    let (_, mail) = reset(app, &Customer::ANA).await;
    let event = event_at(app.clock.now(), "arrived", &mail, DeliveryKind::Delivered);
    record_delivery(&app.app, "mailpit", vec![event]).await.unwrap();
    assert_eq!(app.column("mails", "delivery").iter().filter(|delivery| *delivery == "delivered").count(), 1);
}

async fn wh_04_the_try_that_comes_back_for_another_cause_ends_the_pause(app: &TestApp) {
    bounce(app).await;
    for (kind, cause) in
        [(DeliveryKind::BouncedSoft, BounceCause::MailboxFull), (DeliveryKind::BouncedHard, BounceCause::Policy)]
    {
        app.advance(TimeDelta::days(8));
        let (status, mail) = reset(app, &Customer::ANA).await;
        assert_eq!(status, "handed_over", "the one try");
        assert_eq!(reset(app, &Customer::ANA).await.0, "suppressed", "until it is known what became of it");
        take_bounce(app, &mail, kind, cause, None).await;
        assert_eq!(suppressed(app), NOTHING);
        let (status, mail) = reset(app, &Customer::ANA).await;
        assert_eq!(status, "handed_over");
        take_bounce(app, &mail, DeliveryKind::BouncedHard, BounceCause::NoSuchMailbox, None).await;
        assert_eq!(suppressed(app).len(), 1);
    }
}

async fn wh_04_a_late_bounce_for_another_cause_ends_no_pause(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, earlier) = reset(app, &Customer::ANA).await;
    let full_at = app.clock.now();
    let (_, later) = reset(app, &Customer::ANA).await;
    take_bounce(app, &later, DeliveryKind::BouncedHard, BounceCause::NoSuchMailbox, None).await;
    app.advance(TimeDelta::hours(1));
    let late = event_at(full_at, "late", &earlier, DeliveryKind::BouncedHard);
    let late = DeliveryEvent { cause: Some(BounceCause::MailboxFull), ..late };
    record_delivery(&app.app, "mailpit", vec![late]).await.unwrap();
    assert_eq!(suppressed(app), [["hard_bounce", Customer::ANA.email]]);
}

engine_tests![
    wh_04_the_code_in_an_event_decides_whether_it_pauses,
    wh_04_an_address_on_the_mail_api_s_own_list_is_not_paused,
    wh_04_an_address_that_no_mailbox_can_have_is_paused,
];

async fn wh_04_the_code_in_an_event_decides_whether_it_pauses(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.mail.provider = MailProviderKind::Brevo;
        config.mail.webhook_secret = Some(SecretString::from("brevo:s3cret"));
    })
    .await;
    app.make(&Customer::ANA).await;
    for (index, (event, reason, pauses)) in [
        ("hard_bounce", "552 5.2.2 Mailbox full", false),
        ("hard_bounce", "550 5.7.1 rejected by policy", false),
        ("hard_bounce", "554 5.6.0 bad content", false),
        ("hard_bounce", "no code at all", false),
        ("blocked", "550 5.1.1 user unknown", false),
        ("soft_bounce", "450 4.2.1 user unknown", false),
        ("hard_bounce", "550 5.1.1 user unknown", true),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("<{index}@x>");
        let taken = ResponseTemplate::new(201).set_body_json(json!({ "messageId": id }));
        app.mail_api.answer_with(taken).await;
        assert_eq!(reset(&app, &Customer::ANA).await.0, "handed_over", "{reason}");
        let seconds = app.clock.now().and_utc().timestamp();
        let event = json!({ "event": event, "message-id": id, "ts_event": seconds, "reason": reason });
        let call = app.request(Method::POST, "/v1/mail-events/brevo").basic_auth("brevo", Some("s3cret"));
        send(call.json(&event)).await.assert_status(204);
        assert_eq!(suppressed(&app).len(), usize::from(pauses), "{reason}");
    }
}

fn postmark(status: u16, code: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "ErrorCode": code, "Message": message, "MessageID": "m1" }))
}

/// Its operator takes the address off that list, and the next request's mail arrives.
async fn wh_04_an_address_on_the_mail_api_s_own_list_is_not_paused(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.mail.provider = MailProviderKind::Postmark).await;
    app.make(&Customer::ANA).await;
    for _ in 0..2 {
        app.mail_api.answer_with(postmark(422, 406, "Found inactive addresses")).await;
        assert_eq!(reset(&app, &Customer::ANA).await.0, "refused");
        assert_eq!(suppressed(&app), NOTHING);
    }
    assert_eq!(app.column("mails", "bounce_cause"), ["listed"; 2]);
    app.mail_api.answer_with(postmark(200, 0, "OK")).await;
    assert_eq!(reset(&app, &Customer::ANA).await.0, "handed_over");
}

async fn wh_04_an_address_that_no_mailbox_can_have_is_paused(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.mail.provider = MailProviderKind::Postmark).await;
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(postmark(422, 300, "Invalid 'To' address")).await;
    assert_eq!(reset(&app, &Customer::ANA).await.0, "refused");
    assert_eq!(suppressed(&app), [["hard_bounce", Customer::ANA.email]]);
    assert_eq!(reset(&app, &Customer::ANA).await.0, "suppressed");
}
