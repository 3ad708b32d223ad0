//! Addresses that only capitals tell apart are one mailbox.

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::{
    identity::{self, Change},
    types::{CustomerNumber, DeliveryKind, EmailAddress},
};

use crate::support::{
    Customer, TestApp, administrator, database_tests,
    delivery_events::{accept_by_id, reset, suppressed, take},
    diagnosis::{ask, codes},
};

database_tests![
    dp_04_a_mail_goes_to_the_address_as_it_was_entered,
    dp_04_a_suppression_holds_for_every_way_to_write_the_address,
    dp_04_another_way_to_write_an_address_is_no_other_address,
];

const CAPITALS: Customer = Customer { email: "Ana.Novak@Example.si", ..Customer::ANA };
const SMALL: Customer = Customer { number: "004218", email: "ana.novak@example.si", ..Customer::ANA };

fn number(customer: &Customer) -> CustomerNumber {
    CustomerNumber::parse(customer.number).unwrap()
}

async fn dp_04_a_mail_goes_to_the_address_as_it_was_entered(app: &TestApp) {
    app.make(&CAPITALS).await;
    app.token_for(&Customer { email: "Ana.Novak@example.si", ..CAPITALS }).await;
    assert_eq!(app.mail_api.mails().await[0].to(), "Ana.Novak@example.si");
}

async fn dp_04_a_suppression_holds_for_every_way_to_write_the_address(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&CAPITALS).await;
    app.make(&SMALL).await;
    let (_, mail) = reset(app, &CAPITALS).await;
    take(app, &mail, DeliveryKind::BouncedHard).await;
    assert_eq!(suppressed(app), [["hard_bounce", "ana.novak@example.si"]]);
    assert_eq!(reset(app, &SMALL).await.0, "suppressed");
    let lifted = identity::outbox::lift_suppression(&app.app, &administrator(), number(&SMALL), None).await;
    assert_eq!(lifted.unwrap(), Change::Changed);
    let (status, mail) = reset(app, &CAPITALS).await;
    assert_eq!(status, "handed_over");
    // A delivery to one is a delivery to the other: the bounce from before it comes too late.
    take(app, &mail, DeliveryKind::Delivered).await;
    assert_eq!(suppressed(app), [[""; 2]; 0]);
}

async fn dp_04_another_way_to_write_an_address_is_no_other_address(app: &TestApp) {
    app.make(&CAPITALS).await;
    let email = EmailAddress::parse("ANA.NOVAK@EXAMPLE.SI").unwrap();
    let changed =
        identity::email_change::set(&app.app, &administrator(), number(&CAPITALS), email, None).await.unwrap();
    assert_eq!(changed, Change::Unchanged);
    app.ask(CAPITALS.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1, "no cooling-off");
    app.advance(TimeDelta::minutes(1));
    let asked = ask(app, json!({ "customer_number": CAPITALS.number, "email": SMALL.email })).await.json();
    assert!(!codes(&asked).contains(&"email_differs"), "{asked}");
}
