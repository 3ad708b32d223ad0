//! Erasing an account.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    admin::{Admin, path_of},
    dossier::NEW_ADDRESS,
};
use crate::support::{Customer, TestApp, database_tests, text};

database_tests![
    dp_06_an_account_is_erased_once,
    ad_05_the_address_is_told_of_the_erasure_and_then_forgotten,
    ad_05_a_number_made_again_gets_no_activation_mail_for_a_day,
    ad_05_an_erased_number_is_remembered_for_thirty_days_by_a_hash,
    dp_05_a_number_made_again_is_a_new_account,
    dp_06_work_that_waits_is_erased_too,
    ad_04_the_trail_has_who_erased_an_account,
];

async fn erase(app: &TestApp, customer: &Customer) {
    let admin = Admin::with(app, "accounts:erase").await;
    admin.delete(&path_of(app, customer).await).await.assert_status(204);
    app.deliver_all().await;
}

async fn make_by_mail(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    let body = json!({ "customer_number": Customer::ANA.number, "email": NEW_ADDRESS, "send_activation": true });
    admin.post("/v1/accounts", body).await.assert_status(201);
    app.deliver_all().await;
}

async fn dp_06_an_account_is_erased_once(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    let session = app.session(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:read accounts:write accounts:erase support:act").await;
    let path = path_of(app, &Customer::ANA).await;
    admin.delete(&path).await.assert_status(204);
    let unknown = admin.get("/v1/accounts/p4tmx3rj5kq2vw7c6hzn8ydsae").await;
    for again in [admin.delete(&path).await, admin.get(&path).await, admin.patch(&path, json!({})).await] {
        again.assert_problem(404, "not-found");
        assert_eq!(again.text.len(), unknown.text.len());
    }
    let close = admin.post(&format!("{path}/close"), json!({ "reason": "again" })).await;
    close.assert_problem(404, "not-found");
    app.account(text(&session, "access_token")).await.assert_problem(401, "invalid-token");
    app.refresh(text(&session, "refresh_token")).await.assert_problem(401, "invalid-token");
    let erased = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    assert_eq!(erased.comparable().0, app.sign_in("999999", Customer::ANA.password).await.comparable().0);
    assert_eq!(app.dump().counts()["accounts"], 1);
    app.session(&Customer::BOJAN).await;
    app.deliver_all().await;
}

async fn ad_05_the_address_is_told_of_the_erasure_and_then_forgotten(app: &TestApp) {
    app.make(&Customer::ANA).await;
    erase(app, &Customer::ANA).await;
    let mails = app.mail_api.mails().await;
    assert_eq!(app.mail_api.recipients().await, [Customer::ANA.email]);
    assert_eq!(mails[0].subject(), "STAkis: dostop je izbrisan");
    assert!(!mails[0].text().contains("#token="), "{}", mails[0].text());
    let row = app.only_mail();
    assert_eq!(
        (row.kind.as_str(), row.status.as_str(), row.recipient.as_str()),
        ("account_erased", "handed_over", "")
    );
}

async fn ad_05_a_number_made_again_gets_no_activation_mail_for_a_day(app: &TestApp) {
    app.make(&Customer::ANA).await;
    erase(app, &Customer::ANA).await;
    app.may_leave_jobs();
    make_by_mail(app).await;
    // Nor any other link.
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    app.advance(TimeDelta::hours(23));
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1, "the mail that told of the erasure");
    app.advance(TimeDelta::hours(1) + TimeDelta::minutes(6));
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!((mails.len(), mails[1].to()), (2, NEW_ADDRESS));
    app.complete(&mails[1].token(), Customer::ANA.number, Customer::ANA.password).await.assert_status(200);
    app.deliver_all().await;
}

async fn ad_05_an_erased_number_is_remembered_for_thirty_days_by_a_hash(app: &TestApp) {
    app.make(&Customer::ANA).await;
    erase(app, &Customer::ANA).await;
    let kept = app.dump().only("erased_numbers").text();
    assert!(!kept.is_empty() && !kept.contains(Customer::ANA.number), "{kept}");
    app.advance(TimeDelta::days(29));
    stakis_identity::jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["erased_numbers"], 1);
    app.advance(TimeDelta::days(1) + TimeDelta::minutes(1));
    stakis_identity::jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["erased_numbers"], 0);
    make_by_mail(app).await;
    assert_eq!(app.mail_api.mails().await.last().unwrap().to(), NEW_ADDRESS);
}

async fn dp_05_a_number_made_again_is_a_new_account(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let old = path_of(app, &Customer::ANA).await;
    let admin = Admin::with(app, "accounts:read accounts:export").await;
    erase(app, &Customer::ANA).await;
    app.make(&Customer { password: "Letne-gume-2026", ..Customer::ANA }).await;
    assert_ne!(path_of(app, &Customer::ANA).await, old);
    app.verify(&token).await.assert_link_unusable("unknown");
    app.refresh(text(&session, "refresh_token")).await.assert_problem(401, "invalid-token");
    app.account(text(&session, "access_token")).await.assert_problem(401, "invalid-token");
    let earlier = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    earlier.assert_problem(401, "invalid-credentials");
    let path = path_of(app, &Customer::ANA).await;
    let document = admin.get(&format!("{path}/export")).await.json();
    for list in ["sessions", "devices", "reset_links", "mails", "reset_requests", "earlier_passwords"] {
        assert_eq!(document[list], json!([]), "{list}");
    }
    let mut events: Vec<&str> =
        document["audit_events"].as_array().unwrap().iter().map(|event| text(event, "event")).collect();
    // All of them are of one moment.
    events.sort_unstable();
    assert_eq!(events, ["authn_login_fail", "sensitive_read", "user_created"]);
}

/// The worker finds nothing to do, and fails at nothing.
async fn dp_06_work_that_waits_is_erased_too(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.advance(TimeDelta::seconds(2));
    crate::support::issue_link_only(&app.app).await;
    app.ask(Customer::ANA.number).await.assert_status(202);
    let admin = Admin::with(app, "accounts:erase").await;
    admin.delete(&path_of(app, &Customer::ANA).await).await.assert_status(204);
    assert_eq!(app.job_rows().len(), 1, "the mail that tells of the erasure");
    assert_eq!(app.deliver_all().await, 1);
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn ad_04_the_trail_has_who_erased_an_account(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:erase").await;
    let path = path_of(app, &Customer::ANA).await;
    admin.delete(&path).await.assert_status(204);
    let line = app.audit().into_iter().find(|line| line.event == "user_deleted").unwrap();
    assert_eq!(line.actor, format!("client {}", admin.partner.id));
    assert_eq!(format!("/v1/accounts/{}", line.account_id), path);
    assert_eq!((line.customer_number.as_str(), line.detail.as_str()), ("", "no reason given"));
    app.deliver_all().await;
}
