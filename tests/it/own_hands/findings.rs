//! What support is told about addresses, their changes and lock-downs, never two opposite things.

use chrono::TimeDelta;

use super::owner::{
    NEW_ADDRESS, ask_and_deliver, change_address, decide_for, lock_down_for, not_me, sign_in, withdraw,
};
use crate::support::{
    Customer, TestApp, database_tests,
    diagnosis::{codes, diagnosis, events},
    execute,
};

database_tests![
    diagnosis_email_change_pending_shows_the_new_address_masked,
    diagnosis_address_unconfirmed,
    diagnosis_locked_down_leads_to_the_reset_mail,
    diagnosis_contested_leads_to_support_alone,
];

async fn diagnosis_email_change_pending_shows_the_new_address_masked(app: &TestApp) {
    let token = sign_in(app).await;
    let (_, withdraws) = ask_and_deliver(app, &token).await;
    let pending = diagnosis(app).await;
    assert_eq!(codes(&pending), ["email_change_pending", "no_request_received"]);
    let finding = &pending["findings"][0];
    assert_eq!((&finding["severity"], &finding["until"]), (&"info".into(), &"2026-11-23T13:00:00.000Z".into()));
    assert!(finding["next_step"].as_str().unwrap().contains("n•••@e•••.si"), "{finding}");
    assert!(!pending.to_string().contains(NEW_ADDRESS), "{pending}");
    withdraw(app, &withdraws).await.assert_status(200);
    let over = diagnosis(app).await;
    assert_eq!(codes(&over), ["no_request_received"]);
    let told = events(&over);
    assert!(
        told.contains(&"user_email_change_requested") && told.contains(&"user_email_change_withdrawn"),
        "{told:?}"
    );
}

async fn diagnosis_address_unconfirmed(app: &TestApp) {
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET created_at = '2025-11-01 00:00:00'").unwrap();
    let diagnosis = diagnosis(app).await;
    assert_eq!(codes(&diagnosis), ["address_unconfirmed", "no_request_received"]);
}

async fn diagnosis_locked_down_leads_to_the_reset_mail(app: &TestApp) {
    sign_in(app).await;
    lock_down_for(app, &Customer::ANA).await;
    app.deliver_all().await;
    let found = diagnosis(app).await;
    assert_eq!(codes(&found), ["locked_down", "mail_handed_over_unconfirmed"]);
    assert_eq!(found["findings"][0]["at"], "2026-11-22T13:00:00.000Z");
    assert!(events(&found).contains(&"user_locked_down"));
    // A reset ends it.
    let link = super::owner::last_mail_to(app, Customer::ANA.email).await.token();
    app.complete(&link, Customer::ANA.number, super::owner::NEW_PASSWORD).await.assert_status(200);
    app.deliver_all().await;
    assert!(!codes(&diagnosis(app).await).contains(&"locked_down"));
}

async fn diagnosis_contested_leads_to_support_alone(app: &TestApp) {
    let token = sign_in(app).await;
    let notice = change_address(app, &token).await;
    // The new address cools off, which a contest outlasts.
    assert!(codes(&diagnosis(app).await).contains(&"email_changed_cooling_off"));
    not_me(app, &notice).await.assert_status(200);
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    let contested = diagnosis(app).await;
    assert_eq!(codes(&contested), ["contested"], "nothing else that the customer could do leads back in");
    let finding = &contested["findings"][0];
    assert_eq!(finding["severity"], "blocking");
    assert!(finding["next_step"].as_str().unwrap().contains("email-decision"), "{finding}");
    decide_for(app, NEW_ADDRESS).await;
    app.advance(TimeDelta::days(2));
    let decided = diagnosis(app).await;
    assert!(codes(&decided).contains(&"locked_down") && !codes(&decided).contains(&"contested"), "{decided}");
}
