//! `restore-epoch`: nothing that was handed out before goes on.

use reqwest::Method;
use serde_json::json;
use stakis_identity::{identity::upkeep::begin_new_epoch, store::epoch::Passwords};

use crate::support::{Customer, TestApp, administrator, database_tests, partner::Partner, send, text};

database_tests![
    dp_07_a_new_epoch_ends_all_that_was_handed_out,
    dp_07_change_tokens_from_before_the_epoch_are_void,
    dp_07_a_new_epoch_expires_passwords_where_it_is_asked_to,
];

const NEW: &str = "Zimske-gume-27";

async fn dp_07_a_new_epoch_ends_all_that_was_handed_out(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    let link = app.token_for(&Customer::BOJAN).await;
    let session = app.session(&Customer::ANA).await;
    let access = text(&session, "access_token").to_owned();
    let machine = Partner::make(app, "support:read").await.token(app).await;
    app.deliver_all().await;
    let ended = begin_new_epoch(&app.app, &administrator(), Passwords::Kept).await.unwrap();
    assert_eq!((ended.sessions, ended.links, ended.devices, ended.accounts, ended.passwords), (1, 1, 1, 2, 0));

    app.account(&access).await.assert_problem(401, "invalid-token");
    app.refresh(text(&session, "refresh_token")).await.assert_problem(401, "invalid-token");
    app.verify(&link).await.assert_link_unusable("withdrawn");
    app.complete(&link, Customer::BOJAN.number, NEW).await.assert_link_unusable("withdrawn");
    assert_eq!(app.dump().counts()["devices"], 0);
    // Instances read the keys again within a minute. From then on no token of an earlier key is taken.
    app.advance(chrono::TimeDelta::minutes(1));
    stakis_identity::jobs::keep_house(&app.app).await;
    let keys = app.get("/.well-known/jwks.json").await.json();
    let kids: Vec<&str> = keys["keys"].as_array().unwrap().iter().map(|key| text(key, "kid")).collect();
    assert_eq!(kids, [ended.kid.as_str()]);
    let body = json!({ "customer_number": Customer::ANA.number });
    let asked = app.request(Method::POST, "/v1/support/diagnosis").bearer_auth(machine).json(&body);
    send(asked).await.assert_problem(401, "invalid-token");

    // The password stays, and everything begins again.
    let session = app.session(&Customer::ANA).await;
    app.account(text(&session, "access_token")).await.assert_status(200);
    app.deliver_all().await;
    let trail = app.audit();
    let entry = trail.iter().find(|line| line.event == "new_epoch").unwrap();
    assert_eq!(entry.detail, "1 sessions, 1 links, 1 devices, 2 accounts, 0 passwords expired");
    let again = begin_new_epoch(&app.app, &administrator(), Passwords::Kept).await.unwrap();
    assert_eq!((again.sessions, again.links, again.accounts), (1, 1, 2));
}

async fn dp_07_change_tokens_from_before_the_epoch_are_void(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(chrono::TimeDelta::days(400));
    let expired = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    expired.assert_problem(403, "password-expired");
    let token = text(&expired.json(), "change_token").to_owned();
    begin_new_epoch(&app.app, &administrator(), Passwords::Kept).await.unwrap();
    let body = json!({ "new_password": NEW, "new_password_confirmation": NEW });
    app.change(&token, body).await.assert_problem(401, "invalid-token");
}

async fn dp_07_a_new_epoch_expires_passwords_where_it_is_asked_to(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.create(&Customer::BOJAN, stakis_identity::types::Locale::Sl, None).await;
    let ended = begin_new_epoch(&app.app, &administrator(), Passwords::Expired).await.unwrap();
    assert_eq!((ended.accounts, ended.passwords), (2, 1));
    let refused = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    refused.assert_problem(403, "password-expired");
    assert_eq!(refused.json()["reason"], "administrative");
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    let link = mails.iter().find(|mail| mail.to() == Customer::ANA.email).expect("the reset mail").token();
    app.complete(&link, Customer::ANA.number, NEW).await.assert_status(200);
    app.sign_in(Customer::ANA.number, NEW).await.assert_status(201);
    app.deliver_all().await;
}
