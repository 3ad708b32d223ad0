//! Findings that the link decides.

use chrono::TimeDelta;
use stakis_identity::{
    store::{
        Transaction,
        suppressions::{self, Suppression, SuppressionReason},
    },
    types::{DeliveryKind, EmailAddress},
};

use crate::support::{
    Customer, TestApp, database_tests,
    diagnosis::{NEW, asked, codes, diagnosis, events, told},
    execute,
};

database_tests![
    diagnosis_link_opened_by_scanner,
    diagnosis_link_opened,
    diagnosis_link_used,
    diagnosis_link_expired,
    diagnosis_link_withdrawn,
    diagnosis_an_old_link_s_end_is_no_reason,
    diagnosis_a_link_s_end_before_another_request_is_no_reason,
    diagnosis_a_link_s_end_before_a_pause_is_no_reason,
    diagnosis_link_opened_by_scanner_only_right_after_delivery,
];

async fn diagnosis_link_opened_by_scanner(app: &TestApp) {
    let token = asked(app).await;
    app.advance(TimeDelta::seconds(20));
    told(app, DeliveryKind::Delivered, None).await;
    app.advance(TimeDelta::seconds(3));
    app.verify(&token).await.assert_status(200);
    assert_eq!(codes(&diagnosis(app).await), ["link_opened_by_scanner", "mail_delivered"]);
}

async fn diagnosis_link_opened(app: &TestApp) {
    let token = asked(app).await;
    app.advance(TimeDelta::minutes(7));
    app.verify(&token).await.assert_status(200);
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis)[0], "link_opened");
    assert!(events(&diagnosis).contains(&"reset_verified"));
}

async fn diagnosis_link_used(app: &TestApp) {
    let token = asked(app).await;
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
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
    app.withdraw(&token, Customer::ANA.number).await.assert_status(200);
    assert_eq!(codes(&diagnosis(app).await)[0], "link_withdrawn");
}

/// Makes a customer whose link has set a password two minutes after the request.
async fn used(app: &TestApp) {
    let token = asked(app).await;
    app.advance(TimeDelta::minutes(2));
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
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
    // A new request that waits for the worker replaces the old finding.
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
        suppressions::upsert(tx, &EmailAddress::parse(Customer::ANA.email).unwrap(), &suppression)
    };
    app.app.database.write(pause).await.unwrap();
    assert_eq!(codes(&diagnosis(app).await)[0], "address_suppressed");
}

async fn diagnosis_link_opened_by_scanner_only_right_after_delivery(app: &TestApp) {
    let token = asked(app).await;
    app.advance(TimeDelta::seconds(3));
    app.verify(&token).await.assert_status(200);
    // Without a delivery event the arrival of the mail is not known.
    assert_eq!(codes(&diagnosis(app).await)[0], "link_opened");
    app.advance(TimeDelta::seconds(5));
    told(app, DeliveryKind::Delivered, None).await;
    assert_eq!(codes(&diagnosis(app).await)[0], "link_opened", "before it was delivered");
    for (after, code) in [(0, "link_opened_by_scanner"), (10, "link_opened_by_scanner"), (11, "link_opened")] {
        execute(&app.database.url, "UPDATE reset_links SET first_looked_at = NULL").unwrap();
        app.advance(TimeDelta::seconds(after));
        app.verify(&token).await.assert_status(200);
        assert_eq!(codes(&diagnosis(app).await)[0], code, "{after}");
        app.advance(-TimeDelta::seconds(after));
    }
}
