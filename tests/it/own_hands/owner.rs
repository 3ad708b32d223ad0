//! What the tests of this room do as an owner, or as a thief.

use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{Change, email_change, lock_down},
    types::{CustomerNumber, EmailAddress},
};

use crate::support::{Answer, Customer, ReceivedMail, TestApp, administrator, reason, send};

pub(super) const NEW_ADDRESS: &str = "nova@example.si";
pub(super) const NEW_PASSWORD: &str = "Zimske-gume-27";

pub(super) fn number(customer: &Customer) -> CustomerNumber {
    CustomerNumber::parse(customer.number).unwrap()
}

/// Makes an account and signs in. Returns the access token.
pub(super) async fn sign_in(app: &TestApp) -> String {
    app.make(&Customer::ANA).await;
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.deliver_all().await;
    token
}

pub(super) async fn ask_with(app: &TestApp, access_token: &str, body: Value) -> Answer {
    send(app.request(Method::POST, "/v1/account/email").bearer_auth(access_token).json(&body)).await
}

pub(super) async fn ask(app: &TestApp, access_token: &str, email: &str) -> Answer {
    ask_with(app, access_token, json!({ "email": email, "current_password": Customer::ANA.password })).await
}

/// Asks for the new address and delivers both mails. Returns the tokens that confirm and withdraw.
pub(super) async fn ask_and_deliver(app: &TestApp, access_token: &str) -> (String, String) {
    ask(app, access_token, NEW_ADDRESS).await.assert_status(202);
    app.deliver_all().await;
    (last_mail_to(app, NEW_ADDRESS).await.token(), last_mail_to(app, Customer::ANA.email).await.token())
}

pub(super) async fn use_link(app: &TestApp, path: &str, token: &str, number: &str) -> Answer {
    app.post(path, json!({ "token": token, "customer_number": number })).await
}

pub(super) async fn confirm(app: &TestApp, token: &str) -> Answer {
    use_link(app, "/v1/email-changes/confirm", token, Customer::ANA.number).await
}

pub(super) async fn withdraw(app: &TestApp, token: &str) -> Answer {
    use_link(app, "/v1/email-changes/withdraw", token, Customer::ANA.number).await
}

/// Presses the button behind "this was not me" in a notice.
pub(super) async fn not_me(app: &TestApp, token: &str) -> Answer {
    use_link(app, "/v1/lock-downs", token, Customer::ANA.number).await
}

/// Changes the address through both mails. Returns the token in the notice to the old address.
pub(super) async fn change_address(app: &TestApp, access_token: &str) -> String {
    let (token, _) = ask_and_deliver(app, access_token).await;
    confirm(app, &token).await.assert_status(200);
    app.deliver_all().await;
    last_mail_to(app, Customer::ANA.email).await.token()
}

pub(super) async fn mails_to(app: &TestApp, address: &str) -> Vec<ReceivedMail> {
    let mails = app.mail_api.mails().await;
    mails.into_iter().filter(|mail| mail.to() == address).collect()
}

pub(super) async fn last_mail_to(app: &TestApp, address: &str) -> ReceivedMail {
    mails_to(app, address).await.pop().unwrap_or_else(|| panic!("no mail to {address}"))
}

pub(super) async fn post_as(app: &TestApp, path: &str, access_token: &str) -> Answer {
    app.call(Method::POST, path, access_token).await
}

/// Locks the access down as an administrator does.
pub(super) async fn lock_down_for(app: &TestApp, customer: &Customer) {
    let change = lock_down::by_administrator(&app.app, &administrator(), number(customer), None).await.unwrap();
    assert_eq!(change, Change::Changed);
}

/// Decides as support does.
pub(super) async fn decide_for(app: &TestApp, email: &str) -> Change {
    let email = EmailAddress::parse(email).unwrap();
    let reason = reason("called back");
    let who = administrator();
    let change = email_change::decide(&app.app, &who, number(&Customer::ANA), email, reason).await.unwrap();
    app.deliver_all().await;
    change
}

/// The address on file.
pub(super) fn on_file(app: &TestApp) -> String {
    app.column("accounts", "email").remove(0)
}
