//! Takeovers: a thief with the password, a thief in the old mailbox, and how the owner alone gets back in.

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::{
    identity::{Change, email_change},
    types::EmailAddress,
};

use super::owner::{
    NEW_ADDRESS, NEW_PASSWORD, ask, ask_and_deliver, change_address, confirm, decide_for, last_mail_to, not_me,
    number, on_file, sign_in,
};
use crate::support::{Customer, TestApp, administrator, database_tests};

const THIEF_S_PASSWORD: &str = "Ukradeno-geslo-99";

database_tests![
    ow_06_a_thief_takes_address_and_password_and_the_owner_gets_back_in,
    ow_06_a_thief_in_the_old_mailbox_contests_and_support_decides,
    ow_03_a_thief_s_pending_change_dies_with_the_owner_s_reset,
    ow_06_after_the_decision_another_lock_down_is_not_contested,
    ow_06_a_decision_needs_a_contest,
    ow_06_a_decision_ends_the_links_of_the_mailbox_that_lost,
    ow_06_an_address_set_by_support_is_not_contested_any_more,
];

async fn ow_06_a_thief_takes_address_and_password_and_the_owner_gets_back_in(app: &TestApp) {
    let thief = sign_in(app).await;
    let in_old_mailbox = change_address(app, &thief).await;
    let form = json!({
        "current_password": Customer::ANA.password,
        "new_password": THIEF_S_PASSWORD, "new_password_confirmation": THIEF_S_PASSWORD,
    });
    let changed = app.change(&thief, form).await.json();
    let (thief, refresh) = (changed["access_token"].as_str().unwrap(), changed["refresh_token"].as_str().unwrap());
    app.deliver_all().await;

    not_me(app, &in_old_mailbox).await.assert_status(200);
    app.account(thief).await.assert_problem(401, "invalid-token");
    app.refresh(refresh).await.assert_problem(401, "invalid-token");
    app.deliver_all().await;
    let refused = app.sign_in(Customer::ANA.number, THIEF_S_PASSWORD).await;
    assert_eq!(refused.json()["reason"], "locked-down");
    // The thief reads the new mailbox, and gets no link there, whoever asks.
    let before = app.mail_api.mails().await.len();
    app.advance(TimeDelta::days(2));
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), before);

    assert_eq!(decide_for(app, Customer::ANA.email).await, Change::Changed);
    assert_eq!(on_file(app), Customer::ANA.email);
    // The decided address cools off as after every change (AD-05).
    app.advance(TimeDelta::days(1));
    let link = app.token_for(&Customer::ANA).await;
    app.complete(&link, Customer::ANA.number, NEW_PASSWORD).await.assert_status(200);
    app.deliver_all().await;
    app.sign_in(Customer::ANA.number, NEW_PASSWORD).await.assert_status(201);
    app.deliver_all().await;
    app.sign_in(Customer::ANA.number, THIEF_S_PASSWORD).await.assert_problem(401, "invalid-credentials");
    assert!(app.column("accounts", "contested_since")[0].is_empty());
}

async fn ow_06_a_thief_in_the_old_mailbox_contests_and_support_decides(app: &TestApp) {
    let owner = sign_in(app).await;
    let in_old_mailbox = change_address(app, &owner).await;
    app.advance(TimeDelta::days(1));
    not_me(app, &in_old_mailbox).await.assert_status(200);
    app.deliver_all().await;
    let before = app.mail_api.mails().await.len();
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), before, "the thief gains no link");

    assert_eq!(decide_for(app, NEW_ADDRESS).await, Change::Changed);
    // The address on file stays, so nothing cools off, and the reset mail goes out at once.
    let link = last_mail_to(app, NEW_ADDRESS).await;
    assert_eq!(link.subject(), "STAkis: sprememba gesla");
    app.complete(&link.token(), Customer::ANA.number, NEW_PASSWORD).await.assert_status(200);
    app.deliver_all().await;
    app.sign_in(Customer::ANA.number, NEW_PASSWORD).await.assert_status(201);
    app.deliver_all().await;
}

async fn ow_03_a_thief_s_pending_change_dies_with_the_owner_s_reset(app: &TestApp) {
    let thief = sign_in(app).await;
    let (confirms, _) = ask_and_deliver(app, &thief).await;
    let link = app.token_for(&Customer::ANA).await;
    app.complete(&link, Customer::ANA.number, NEW_PASSWORD).await.assert_status(200);
    app.deliver_all().await;
    let dead = confirm(app, &confirms).await;
    assert_eq!((dead.status, dead.json()["reason"].as_str().unwrap()), (410, "withdrawn"));
    assert_eq!(on_file(app), Customer::ANA.email);
    ask(app, &thief, NEW_ADDRESS).await.assert_problem(401, "invalid-token");
}

/// Otherwise the thief in the mailbox that lost could contest for a week.
async fn ow_06_after_the_decision_another_lock_down_is_not_contested(app: &TestApp) {
    let thief = sign_in(app).await;
    let notice = change_address(app, &thief).await;
    not_me(app, &notice).await.assert_status(200);
    app.deliver_all().await;
    decide_for(app, NEW_ADDRESS).await;
    app.advance(TimeDelta::days(1));
    let link = app.token_for(&Customer { email: NEW_ADDRESS, ..Customer::ANA }).await;
    app.complete(&link, Customer::ANA.number, NEW_PASSWORD).await.assert_status(200);
    app.deliver_all().await;
    super::owner::lock_down_for(app, &Customer::ANA).await;
    app.deliver_all().await;
    assert!(app.column("accounts", "contested_since")[0].is_empty());
    assert_eq!(last_mail_to(app, NEW_ADDRESS).await.subject(), "STAkis: sprememba gesla");
}

async fn ow_06_a_decision_needs_a_contest(app: &TestApp) {
    let token = sign_in(app).await;
    assert_eq!(decide_for(app, NEW_ADDRESS).await, Change::Unchanged);
    assert_eq!(on_file(app), Customer::ANA.email);
    app.account(&token).await.assert_status(200);
}

/// The reader of that mailbox could otherwise lock the owner out once a day.
async fn ow_06_a_decision_ends_the_links_of_the_mailbox_that_lost(app: &TestApp) {
    let thief = sign_in(app).await;
    let in_old_mailbox = change_address(app, &thief).await;
    let form = json!({
        "current_password": Customer::ANA.password,
        "new_password": THIEF_S_PASSWORD, "new_password_confirmation": THIEF_S_PASSWORD,
    });
    app.change(&thief, form).await.assert_status(200);
    app.deliver_all().await;
    let of_thief = last_mail_to(app, NEW_ADDRESS).await.token();
    not_me(app, &in_old_mailbox).await.assert_status(200);
    app.deliver_all().await;
    decide_for(app, Customer::ANA.email).await;
    let told = last_mail_to(app, NEW_ADDRESS).await;
    assert_eq!(told.subject(), "STAkis: e-poštni naslov je bil spremenjen");
    assert!(!told.text().contains("://"), "{}", told.text());
    app.advance(TimeDelta::days(2));
    let ended = not_me(app, &of_thief).await;
    assert_eq!((ended.status, ended.json()["reason"].as_str().unwrap()), (410, "withdrawn"));
}

/// An administrator who corrects the address has decided, before anybody contests it.
async fn ow_06_an_address_set_by_support_is_not_contested_any_more(app: &TestApp) {
    let thief = sign_in(app).await;
    change_address(app, &thief).await;
    let email = EmailAddress::parse(Customer::ANA.email).unwrap();
    let set = email_change::set(&app.app, &administrator(), number(&Customer::ANA), email, None).await.unwrap();
    assert_eq!(set, Change::Changed);
    app.deliver_all().await;
    let of_thief = last_mail_to(app, NEW_ADDRESS).await.token();
    app.advance(TimeDelta::days(1));
    not_me(app, &of_thief).await.assert_status(200);
    app.deliver_all().await;
    assert!(app.column("accounts", "contested_since")[0].is_empty());
    assert_eq!(last_mail_to(app, Customer::ANA.email).await.subject(), "STAkis: sprememba gesla");
}
