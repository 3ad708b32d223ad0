//! The effect of delivery events, and the addresses that get no mail for a while after them.

use chrono::TimeDelta;
use futures_util::future::join_all;
use stakis_identity::{
    identity::outbox::record_delivery,
    jobs,
    types::{Clock as _, DeliveryKind, Locale},
};
use wiremock::ResponseTemplate;

use crate::support::{
    Customer, TestApp, database_tests,
    delivery_events::{accept_by_id, bounce, event_at, newest, reset, suppressed, take},
};

database_tests![
    wh_04_a_hard_bounce_pauses_the_address_for_a_week,
    wh_04_after_the_week_exactly_one_mail_tries,
    wh_04_a_second_hard_bounce_pauses_again,
    wh_04_a_mail_that_only_waits_does_not_use_the_one_try_up,
    wh_04_the_mail_that_tries_goes_on_after_a_failure,
    wh_04_a_complaint_stops_reminders_and_no_security_mail,
    wh_04_a_complaint_stops_a_reminder_that_was_deferred,
    wh_04_a_soft_bounce_and_a_delay_pause_nothing,
    wh_04_events_out_of_order_never_step_back,
    wh_04_a_late_word_of_an_earlier_mail_lifts_no_pause,
    wh_04_a_late_bounce_pauses_from_when_it_happened_and_no_mended_mailbox,
    wh_04_events_taken_at_the_same_time_never_step_back,
    wh_04_an_event_of_an_unknown_mail_changes_nothing,
    wh_04_an_event_of_another_mail_api_changes_nothing,
    wh_02_a_replayed_event_changes_nothing,
    wh_02_an_event_that_comes_in_eight_times_at_once_counts_once,
    wh_04_the_address_is_one_however_its_domain_is_written,
];

/// Another account with Ana's address.
const ANA_TOO: Customer = Customer { number: "004218", ..Customer::ANA };

const BOR: Customer = Customer { number: "005328", email: "bor@example.si", password: "Poletne-gume-26" };

/// The delivery state of each mail, the first mail first.
fn delivery(app: &TestApp) -> Vec<String> {
    let mut mails = app.mail_rows();
    mails.sort_by_key(|mail| (mail.created_at.clone(), mail.delivery.clone()));
    mails.into_iter().map(|mail| mail.delivery).collect()
}

/// The answer to a reset request stays neutral during the pause.
async fn wh_04_a_hard_bounce_pauses_the_address_for_a_week(app: &TestApp) {
    bounce(app).await;
    let stranger = app.ask("999999").await.comparable();
    app.deliver_all().await;
    let sent = app.mail_api.mails().await.len();
    for days in [0, 3, 3] {
        app.advance(TimeDelta::days(days) + TimeDelta::hours(1));
        let answer = app.ask(Customer::ANA.number).await;
        assert_eq!(answer.comparable(), stranger);
        app.deliver_all().await;
        assert_eq!(newest(app).0, "suppressed");
    }
    assert_eq!(app.mail_api.mails().await.len(), sent);
    assert!(app.events("mail_given_up") > 0);
    app.make(&BOR).await;
    assert_eq!(reset(app, &BOR).await.0, "handed_over", "nobody else is concerned");
}

/// The delivery of that mail lifts the pause.
async fn wh_04_after_the_week_exactly_one_mail_tries(app: &TestApp) {
    bounce(app).await;
    app.make(&ANA_TOO).await;
    app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(newest(app).0, "suppressed", "a second too early");
    app.advance(TimeDelta::minutes(6));
    let before = app.mail_api.mails().await.len();
    for number in [Customer::ANA.number, ANA_TOO.number] {
        app.ask(number).await.assert_status(202);
    }
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), before + 1, "one tries");
    assert_eq!(reset(app, &ANA_TOO).await.0, "suppressed", "until it is known what became of it");
    take(app, mails[before].body["Headers"]["X-Message-Id"].as_str().unwrap(), DeliveryKind::Delivered).await;
    assert_eq!(suppressed(app), [[""; 2]; 0]);
    assert_eq!(reset(app, &ANA_TOO).await.0, "handed_over");
    assert_eq!(reset(app, &Customer::ANA).await.0, "handed_over");
}

async fn wh_04_a_second_hard_bounce_pauses_again(app: &TestApp) {
    bounce(app).await;
    app.advance(TimeDelta::days(9));
    let (status, mail) = reset(app, &Customer::ANA).await;
    assert_eq!(status, "handed_over");
    app.advance(TimeDelta::days(1));
    take(app, &mail, DeliveryKind::BouncedHard).await;
    app.advance(TimeDelta::days(6));
    assert_eq!(reset(app, &Customer::ANA).await.0, "suppressed", "from the second bounce on");
    app.advance(TimeDelta::days(1));
    assert_eq!(reset(app, &Customer::ANA).await.0, "handed_over");
}

async fn wh_04_a_mail_that_only_waits_does_not_use_the_one_try_up(app: &TestApp) {
    bounce(app).await;
    app.make(&BOR).await;
    app.advance(TimeDelta::days(8));
    app.mail_api.answer_with(ResponseTemplate::new(401)).await;
    assert_eq!(reset(app, &BOR).await.0, "queued");
    // The mail API refuses every mail, so Ana's mail waits without an attempt.
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
    accept_by_id(app).await;
    for _ in 0..3 {
        app.advance(TimeDelta::minutes(2));
        app.deliver_all().await;
    }
    assert_eq!(app.mail_api.mails().await.len(), 2);
    assert_eq!(app.column("mails", "status"), ["handed_over"; 3]);
}

async fn wh_04_the_mail_that_tries_goes_on_after_a_failure(app: &TestApp) {
    bounce(app).await;
    app.advance(TimeDelta::days(8));
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    assert_eq!(reset(app, &Customer::ANA).await.0, "queued");
    accept_by_id(app).await;
    app.advance(TimeDelta::seconds(11));
    app.deliver_all().await;
    assert_eq!(newest(app).0, "handed_over");
}

async fn wh_04_a_complaint_stops_reminders_and_no_security_mail(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, mail) = reset(app, &Customer::ANA).await;
    take(app, &mail, DeliveryKind::Complained).await;
    assert_eq!(suppressed(app), [["complaint", Customer::ANA.email]]);
    assert_eq!(reset(app, &Customer::ANA).await.0, "handed_over");
    app.close(&Customer::ANA).await;
    assert_eq!(newest(app).0, "handed_over");
    app.create(&ANA_TOO, Locale::Sl, Some(ANA_TOO.password)).await;
    app.advance(TimeDelta::days(166));
    jobs::keep_house(&app.app).await;
    app.deliver_all().await;
    let reminders = app.mail_rows().into_iter().filter(|mail| mail.kind == "expiry_reminder");
    assert_eq!(reminders.map(|mail| mail.status).collect::<Vec<_>>(), ["suppressed"]);
    assert_eq!(reset(app, &ANA_TOO).await.0, "handed_over");
    // A delivery does not withdraw the owner's complaint.
    let (_, mail) = newest(app);
    take(app, &mail, DeliveryKind::Delivered).await;
    assert_eq!(suppressed(app), [["complaint", Customer::ANA.email]]);
}

async fn wh_04_a_complaint_stops_a_reminder_that_was_deferred(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(165));
    let (_, mail) = reset(app, &Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(429)).await;
    app.advance(TimeDelta::days(1));
    jobs::keep_house(&app.app).await;
    app.deliver_all().await;
    take(app, &mail, DeliveryKind::Complained).await;
    accept_by_id(app).await;
    app.advance(TimeDelta::minutes(1));
    app.deliver_all().await;
    assert_eq!(newest(app).0, "suppressed");
    assert!(app.mail_api.mails().await.is_empty());
}

async fn wh_04_a_soft_bounce_and_a_delay_pause_nothing(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    for kind in [DeliveryKind::Deferred, DeliveryKind::BouncedSoft, DeliveryKind::Delivered] {
        let (status, mail) = reset(app, &Customer::ANA).await;
        assert_eq!(status, "handed_over");
        take(app, &mail, kind).await;
        assert_eq!(suppressed(app), [[""; 2]; 0]);
    }
    assert_eq!(delivery(app), ["deferred", "bounced_soft", "delivered"]);
}

async fn wh_04_events_out_of_order_never_step_back(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, mail) = reset(app, &Customer::ANA).await;
    // Each row is an event and the state after it.
    for (kind, known) in [
        (DeliveryKind::Delivered, "delivered"),
        (DeliveryKind::Deferred, "delivered"),
        (DeliveryKind::BouncedSoft, "delivered"),
        (DeliveryKind::BouncedHard, "bounced_hard"),
    ] {
        take(app, &mail, kind).await;
        assert_eq!(delivery(app), [known], "{kind:?}");
    }
    // A second event tells of the delivery, with a time after the bounce.
    app.advance(TimeDelta::hours(1));
    let before = app.dump();
    let again = event_at(app.clock.now(), "again", &mail, DeliveryKind::Delivered);
    record_delivery(&app.app, "mailpit", vec![again]).await.unwrap();
    let after = app.dump();
    assert_eq!(after.rows("mail_events").len(), 5);
    assert_eq!(after.without("mail_events"), before.without("mail_events"));
    assert_eq!(suppressed(app), [["hard_bounce", Customer::ANA.email]]);
    take(app, &mail, DeliveryKind::Complained).await;
    assert_eq!(delivery(app), ["complained"]);
    assert_eq!(suppressed(app).len(), 2);
    assert_eq!(app.events("mail_delivery"), 3, "only what stepped on");
}

async fn wh_04_a_late_word_of_an_earlier_mail_lifts_no_pause(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, earlier) = reset(app, &Customer::ANA).await;
    let delivered_at = app.clock.now();
    let (_, later) = reset(app, &Customer::ANA).await;
    take(app, &later, DeliveryKind::BouncedHard).await;
    app.advance(TimeDelta::hours(1));
    let late = event_at(delivered_at, "late", &earlier, DeliveryKind::Delivered);
    record_delivery(&app.app, "mailpit", vec![late]).await.unwrap();
    assert_eq!(delivery(app), ["delivered", "bounced_hard"]);
    assert_eq!(suppressed(app), [["hard_bounce", Customer::ANA.email]]);
}

async fn wh_04_a_late_bounce_pauses_from_when_it_happened_and_no_mended_mailbox(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, earlier) = reset(app, &Customer::ANA).await;
    let bounced_at = app.clock.now();
    app.advance(TimeDelta::hours(2));
    let (_, later) = reset(app, &Customer::ANA).await;
    take(app, &later, DeliveryKind::Delivered).await;
    let late = event_at(bounced_at, "late", &earlier, DeliveryKind::BouncedHard);
    record_delivery(&app.app, "mailpit", vec![late]).await.unwrap();
    assert_eq!(delivery(app), ["bounced_hard", "delivered"]);
    assert!(suppressed(app).is_empty(), "a later mail arrived");
    app.advance(TimeDelta::hours(2));
    let (_, last) = reset(app, &Customer::ANA).await;
    let bounced_at = app.clock.now();
    app.advance(TimeDelta::days(6));
    let late = event_at(bounced_at, "late too", &last, DeliveryKind::BouncedHard);
    record_delivery(&app.app, "mailpit", vec![late]).await.unwrap();
    assert_eq!(suppressed(app).len(), 1);
    app.advance(TimeDelta::days(1));
    reset(app, &Customer::ANA).await;
    assert_eq!(app.mail_api.mails().await.len(), 4, "a week after the bounce one mail tries");
}

async fn wh_04_events_taken_at_the_same_time_never_step_back(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    for round in 0..5 {
        let (_, mail) = reset(app, &Customer::ANA).await;
        let kinds = [DeliveryKind::Deferred, DeliveryKind::Delivered, DeliveryKind::Complained];
        let all = kinds.iter().cycle().take(12).enumerate().map(|(index, kind)| {
            let event = event_at(app.clock.now(), &format!("{round}/{index}"), &mail, *kind);
            record_delivery(&app.app, "mailpit", vec![event])
        });
        for outcome in futures_util::future::join_all(all).await {
            outcome.unwrap();
        }
        assert_eq!(delivery(app).last().unwrap(), "complained");
        app.advance(TimeDelta::hours(2));
    }
}

async fn wh_04_an_event_of_an_unknown_mail_changes_nothing(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    reset(app, &Customer::ANA).await;
    let before = app.dump();
    for name in ["", "nobody", "%", "' OR ''='"] {
        take(app, name, DeliveryKind::BouncedHard).await;
        take(app, name, DeliveryKind::Complained).await;
    }
    assert_eq!(app.dump(), before);
}

async fn wh_04_an_event_of_another_mail_api_changes_nothing(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, mail) = reset(app, &Customer::ANA).await;
    let before = app.dump();
    for provider in ["resend", "brevo", "postmark", "sendgrid"] {
        let event = event_at(app.clock.now(), "e1", &mail, DeliveryKind::BouncedHard);
        record_delivery(&app.app, provider, vec![event]).await.unwrap();
    }
    assert_eq!(app.dump(), before);
}

async fn wh_02_a_replayed_event_changes_nothing(app: &TestApp) {
    bounce(app).await;
    let (_, mail) = newest(app);
    let before = app.dump();
    app.advance(TimeDelta::days(2));
    take(app, &mail, DeliveryKind::BouncedHard).await;
    let replayed = event_at(app.clock.now(), &format!("{mail}/bounced_hard"), &mail, DeliveryKind::Complained);
    record_delivery(&app.app, "mailpit", vec![replayed.clone(), replayed]).await.unwrap();
    assert_eq!(app.dump(), before);
}

async fn wh_02_an_event_that_comes_in_eight_times_at_once_counts_once(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, mail) = reset(app, &Customer::ANA).await;
    let (_, second) = app.second_instance().await;
    let event = event_at(app.clock.now(), "e1", &mail, DeliveryKind::BouncedHard);
    let calls = (0..8).map(|index| {
        let (instance, event) = (if index % 2 == 0 { &app.app } else { &second }, event.clone());
        async move { record_delivery(instance, "mailpit", vec![event]).await }
    });
    for outcome in join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!(app.events("mail_delivery"), 1);
    assert_eq!(app.dump().counts()["mail_events"], 1);
    assert_eq!(suppressed(app).len(), 1);
}

async fn wh_04_the_address_is_one_however_its_domain_is_written(app: &TestApp) {
    bounce(app).await;
    let same = Customer { number: "004219", email: "delavnica@EXAMPLE.si", password: "Poletne-gume-26" };
    app.create(&same, Locale::Sl, None).await;
    assert_eq!(reset(app, &same).await.0, "suppressed");
}
