//! The notices to an account's owner when somebody closes or reopens access, or changes the address.

use chrono::TimeDelta;
use stakis_identity::{
    identity::{
        Change,
        accounts::{self, change_email},
    },
    types::{CustomerNumber, EmailAddress, Locale},
};
use wiremock::ResponseTemplate;

use crate::support::{Customer, TestApp, administrator, database_tests, execute};

const NEW_ADDRESS: &str = "nova@example.si";
const REASON: &str = "unpaid invoices";

fn number() -> CustomerNumber {
    CustomerNumber::parse(Customer::ANA.number).unwrap()
}

async fn change_address(app: &TestApp, email: &str) -> Change {
    let email = EmailAddress::parse(email).unwrap();
    change_email(&app.app, &administrator(), number(), email, Some("asked for by letter".to_owned())).await.unwrap()
}

database_tests![
    ml_06_a_closing_and_a_reopening_are_told_but_not_their_reason,
    ml_06_a_closing_is_told_even_if_the_mail_has_to_wait,
    ml_06_nothing_is_told_where_nothing_changed,
    ml_06_an_account_without_address_is_closed_without_a_mail,
    ad_05_the_old_address_is_told_of_the_change,
    ad_05_the_old_address_is_told_even_if_there_is_a_third_one_by_then,
    ad_05_links_that_went_to_the_old_address_end,
    ad_05_a_link_that_waits_for_the_old_address_does_not_go_out,
    ad_05_the_same_address_changes_nothing,
    ad_05_a_first_address_is_told_to_nobody,
    ad_05_the_trail_tells_of_the_change_without_an_address,
];

async fn ml_06_a_closing_and_a_reopening_are_told_but_not_their_reason(app: &TestApp) {
    app.create(&Customer::ANA, Locale::En, Some(Customer::ANA.password)).await;
    accounts::close(&app.app, &administrator(), number(), Some(REASON.to_owned())).await.unwrap();
    app.deliver_all().await;
    accounts::reopen(&app.app, &administrator(), number(), Some(REASON.to_owned())).await.unwrap();
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].subject(), "STAkis: your access is closed");
    assert_eq!(mails[1].subject(), "STAkis: your access is open again");
    for mail in &mails {
        assert_eq!(mail.to(), Customer::ANA.email);
        let raw = String::from_utf8_lossy(&mail.raw);
        for secret in [REASON, Customer::ANA.number, "https://"] {
            assert!(!raw.contains(secret), "{secret} in {raw}");
        }
        assert!(mail.text().contains("ending in 17") && mail.text().contains("stakis.support@stahlgruber.si"));
    }
}

async fn ml_06_a_closing_is_told_even_if_the_mail_has_to_wait(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(503)).await;
    accounts::close(&app.app, &administrator(), number(), None).await.unwrap();
    app.deliver_all().await;
    app.mail_api.recover().await;
    app.advance(TimeDelta::minutes(1));
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await[0].subject(), "STAkis: dostop je zaprt");
}

async fn ml_06_nothing_is_told_where_nothing_changed(app: &TestApp) {
    app.make(&Customer::ANA).await;
    assert_eq!(accounts::reopen(&app.app, &administrator(), number(), None).await.unwrap(), Change::Unchanged);
    assert_eq!(app.deliver_all().await, 0);
    app.close(&Customer::ANA).await;
    assert_eq!(accounts::close(&app.app, &administrator(), number(), None).await.unwrap(), Change::Unchanged);
    assert_eq!(app.deliver_all().await, 0);
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn ml_06_an_account_without_address_is_closed_without_a_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET email = NULL").unwrap();
    app.close(&Customer::ANA).await;
    assert!(app.mail_api.mails().await.is_empty());
    let mail = app.only_mail();
    assert_eq!([mail.kind, mail.status], ["access_closed", "decoy"]);
}

/// Later mails go to the new address.
async fn ad_05_the_old_address_is_told_of_the_change(app: &TestApp) {
    app.make(&Customer::ANA).await;
    assert_eq!(change_address(app, NEW_ADDRESS).await, Change::Changed);
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 1);
    let expected = (Customer::ANA.email, "STAkis: e-poštni naslov je bil spremenjen");
    assert_eq!((mails[0].to(), mails[0].subject()), expected);
    let raw = String::from_utf8_lossy(&mails[0].raw);
    for secret in [NEW_ADDRESS, "n•••@", Customer::ANA.number, "https://"] {
        assert!(!raw.contains(secret), "{secret} in {raw}");
    }
    assert!(raw.contains("01 587 31 31"));
    assert_eq!(app.column("accounts", "email"), [NEW_ADDRESS]);
    assert!(app.column("accounts", "email_changed_at")[0].starts_with("2026-11-22"));
    app.close(&Customer::ANA).await;
    assert_eq!(app.mail_api.mails().await[1].to(), NEW_ADDRESS);
}

async fn ad_05_the_old_address_is_told_even_if_there_is_a_third_one_by_then(app: &TestApp) {
    app.make(&Customer::ANA).await;
    change_address(app, NEW_ADDRESS).await;
    change_address(app, "tretja@example.si").await;
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 2);
    for address in [Customer::ANA.email, NEW_ADDRESS] {
        assert!(mails.iter().any(|mail| mail.to() == address), "{address}");
    }
}

async fn ad_05_links_that_went_to_the_old_address_end(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    change_address(app, NEW_ADDRESS).await;
    app.deliver_all().await;
    app.verify(&token).await.assert_link_unusable("withdrawn");
    app.complete(&token, Customer::ANA.number, "Zimske-gume-27").await.assert_link_unusable("withdrawn");
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
}

async fn ad_05_a_link_that_waits_for_the_old_address_does_not_go_out(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(503)).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    change_address(app, NEW_ADDRESS).await;
    app.mail_api.recover().await;
    app.advance(TimeDelta::minutes(1));
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject(), "STAkis: e-poštni naslov je bil spremenjen");
}

async fn ad_05_the_same_address_changes_nothing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let before = app.dump().text();
    for same in [Customer::ANA.email, "delavnica@EXAMPLE.si"] {
        assert_eq!(change_address(app, same).await, Change::Unchanged);
    }
    assert_eq!(app.dump().text(), before);
    app.verify(&token).await.assert_status(200);
    let unknown = CustomerNumber::parse("999999").unwrap();
    let email = EmailAddress::parse(NEW_ADDRESS).unwrap();
    assert_eq!(
        change_email(&app.app, &administrator(), unknown, email, None).await.unwrap(),
        Change::NoSuchAccount
    );
}

async fn ad_05_a_first_address_is_told_to_nobody(app: &TestApp) {
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET email = NULL").unwrap();
    assert_eq!(change_address(app, NEW_ADDRESS).await, Change::Changed);
    assert_eq!(app.deliver_all().await, 0);
    assert!(app.mail_rows().is_empty());
}

async fn ad_05_the_trail_tells_of_the_change_without_an_address(app: &TestApp) {
    app.make(&Customer::ANA).await;
    change_address(app, NEW_ADDRESS).await;
    app.deliver_all().await;
    let trail = app.audit();
    let expected = ["user_email_changed", "command line", "004217", "asked for by letter"];
    assert!(trail.iter().any(|line| [&line.event, &line.actor, &line.customer_number, &line.detail] == expected));
    assert!(app.dump().rows("audit_events").iter().all(|row| !row.contains('@')), "{trail:?}");
}
