//! Delivery events that come hours late, all at once, or from a clock that is wrong.

use chrono::{NaiveDate, TimeDelta};
use stakis_identity::{
    identity::{
        Change, email_change,
        outbox::{lift_suppression, record_delivery},
    },
    mail::DeliveryEvent,
    types::{Clock as _, CustomerNumber, DeliveryKind, EmailAddress},
};

use crate::support::{
    Customer, TestApp, administrator, database_tests,
    delivery_events::{accept_by_id, bounce, event_at, reset, suppressed, take},
    execute,
};

database_tests![
    wh_02_a_batch_that_fails_half_way_can_be_repeated,
    wh_04_a_late_bounce_pauses_no_address_that_somebody_has_lifted_since,
    wh_04_a_late_bounce_pauses_no_address_that_was_changed_since,
    wh_04_a_late_bounce_pauses_no_mailbox_whose_owner_has_complained_since,
    wh_04_a_late_bounce_never_shortens_a_later_pause,
    wh_04_a_wrong_clock_pauses_for_a_week_all_the_same,
    wh_04_a_lifting_counts_for_every_number_of_the_address,
    lo_06_a_row_of_the_trail_switches_no_suppression_off,
];

fn ana() -> CustomerNumber {
    CustomerNumber::parse(Customer::ANA.number).unwrap()
}

async fn record(app: &TestApp, events: &[DeliveryEvent]) {
    record_delivery(&app.app, "mailpit", events.to_vec()).await.unwrap();
}

/// The events before the failure are kept.
async fn wh_02_a_batch_that_fails_half_way_can_be_repeated(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, first) = reset(app, &Customer::ANA).await;
    let (_, second) = reset(app, &Customer::ANA).await;
    let now = app.clock.now();
    let batch = [
        event_at(now, "one", &first, DeliveryKind::Deferred),
        event_at(now, "two", &second, DeliveryKind::BouncedHard),
    ];
    execute(&app.database.url, "ALTER TABLE suppressions RENAME TO suppressions_hidden").unwrap();
    assert!(record_delivery(&app.app, "mailpit", batch.to_vec()).await.is_err());
    execute(&app.database.url, "ALTER TABLE suppressions_hidden RENAME TO suppressions").unwrap();
    assert_eq!(app.column("mail_events", "event_id"), ["one"]);
    assert_eq!(app.events("mail_delivery"), 1);
    for _ in 0..2 {
        record(app, &batch).await;
        assert_eq!(app.dump().counts()["mail_events"], 2);
        assert_eq!(app.events("mail_delivery"), 2);
        assert_eq!(suppressed(app).len(), 1);
    }
}

async fn wh_04_a_late_bounce_pauses_no_address_that_somebody_has_lifted_since(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, earlier) = reset(app, &Customer::ANA).await;
    let (_, later) = reset(app, &Customer::ANA).await;
    let bounced_at = app.clock.now();
    take(app, &later, DeliveryKind::BouncedHard).await;
    app.advance(TimeDelta::hours(1));
    assert_eq!(lift_suppression(&app.app, &administrator(), ana(), None).await.unwrap(), Change::Changed);
    app.advance(TimeDelta::hours(1));
    record(app, &[event_at(bounced_at, "late", &earlier, DeliveryKind::BouncedHard)]).await;
    assert!(suppressed(app).is_empty());
    // A bounce after the lifting counts.
    let (status, last) = reset(app, &Customer::ANA).await;
    assert_eq!(status, "handed_over");
    take(app, &last, DeliveryKind::BouncedHard).await;
    assert_eq!(suppressed(app), [["hard_bounce", Customer::ANA.email]]);
}

async fn wh_04_a_late_bounce_pauses_no_address_that_was_changed_since(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, mail) = reset(app, &Customer::ANA).await;
    let bounced_at = app.clock.now();
    app.advance(TimeDelta::hours(1));
    // The address is changed and changed back.
    for email in ["nova@example.si", Customer::ANA.email] {
        let email = EmailAddress::parse(email).unwrap();
        assert_eq!(
            email_change::set(&app.app, &administrator(), ana(), email, None).await.unwrap(),
            Change::Changed
        );
        app.deliver_all().await;
    }
    app.advance(TimeDelta::hours(1));
    record(app, &[event_at(bounced_at, "late", &mail, DeliveryKind::BouncedHard)]).await;
    assert!(suppressed(app).is_empty());
    app.advance(TimeDelta::days(1));
    let (status, last) = reset(app, &Customer::ANA).await;
    assert_eq!(status, "handed_over");
    take(app, &last, DeliveryKind::BouncedHard).await;
    assert_eq!(suppressed(app), [["hard_bounce", Customer::ANA.email]]);
}

async fn wh_04_a_late_bounce_pauses_no_mailbox_whose_owner_has_complained_since(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, earlier) = reset(app, &Customer::ANA).await;
    let bounced_at = app.clock.now();
    let (_, later) = reset(app, &Customer::ANA).await;
    take(app, &later, DeliveryKind::Complained).await;
    record(app, &[event_at(bounced_at, "late", &earlier, DeliveryKind::BouncedHard)]).await;
    assert_eq!(suppressed(app), [["complaint", Customer::ANA.email]]);
}

async fn wh_04_a_late_bounce_never_shortens_a_later_pause(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, earlier) = reset(app, &Customer::ANA).await;
    let bounced_at = app.clock.now();
    app.advance(TimeDelta::days(2));
    let (_, later) = reset(app, &Customer::ANA).await;
    take(app, &later, DeliveryKind::BouncedHard).await;
    let before = app.dump().only("suppressions");
    record(app, &[event_at(bounced_at, "late", &earlier, DeliveryKind::BouncedHard)]).await;
    assert_eq!(app.dump().only("suppressions"), before);
    app.advance(TimeDelta::days(6));
    assert_eq!(reset(app, &Customer::ANA).await.0, "suppressed", "a week from the later bounce on");
    app.advance(TimeDelta::days(1));
    assert_eq!(reset(app, &Customer::ANA).await.0, "handed_over");
}

async fn wh_04_a_wrong_clock_pauses_for_a_week_all_the_same(app: &TestApp) {
    bounce(app).await;
    assert_eq!(lift_suppression(&app.app, &administrator(), ana(), None).await.unwrap(), Change::Changed);
    let long_ago = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
    for (index, at) in [long_ago, app.clock.now() + TimeDelta::days(300)].into_iter().enumerate() {
        let (status, mail) = reset(app, &Customer::ANA).await;
        assert_eq!(status, "handed_over");
        record(app, &[event_at(at, &index.to_string(), &mail, DeliveryKind::BouncedHard)]).await;
        assert_eq!(reset(app, &Customer::ANA).await.0, "suppressed");
        app.advance(TimeDelta::days(7));
    }
}

/// The address is lifted through one account, and the late bounce is about a mail to another.
async fn wh_04_a_lifting_counts_for_every_number_of_the_address(app: &TestApp) {
    let other = Customer { number: "004218", ..Customer::ANA };
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    app.make(&other).await;
    let (_, mail) = reset(app, &other).await;
    let (_, bounces) = reset(app, &Customer::ANA).await;
    let bounced_at = app.clock.now();
    take(app, &bounces, DeliveryKind::BouncedHard).await;
    app.advance(TimeDelta::hours(1));
    assert_eq!(lift_suppression(&app.app, &administrator(), ana(), None).await.unwrap(), Change::Changed);
    record(app, &[event_at(bounced_at, "late", &mail, DeliveryKind::BouncedHard)]).await;
    assert!(suppressed(app).is_empty());
}

/// Whoever can append to the trail must not be able to change what the service does.
async fn lo_06_a_row_of_the_trail_switches_no_suppression_off(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, mail) = reset(app, &Customer::ANA).await;
    let bounced_at = app.clock.now();
    app.advance(TimeDelta::hours(1));
    execute(
        &app.database.url,
        "INSERT INTO audit_events (id, occurred_at, event, actor, customer_number, account_id)
         SELECT 'planted', '2099-01-01 00:00:00', 'mail_suppression_lifted', 'command line', customer_number, id
         FROM accounts",
    )
    .unwrap();
    record(app, &[event_at(bounced_at, "late", &mail, DeliveryKind::BouncedHard)]).await;
    assert_eq!(suppressed(app), [["hard_bounce", Customer::ANA.email]]);
}
