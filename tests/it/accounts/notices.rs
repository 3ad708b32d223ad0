//! The notices to an account's owner when somebody closes or reopens access, or changes the address.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use stakis_identity::{
    identity::{Change, accounts, email_change},
    types::{CustomerNumber, EmailAddress, Locale},
};
use wiremock::ResponseTemplate;

use crate::support::{Customer, TestApp, administrator, database_tests, execute, reason, send, text};

const NEW_ADDRESS: &str = "nova@example.si";
const REASON: &str = "unpaid invoices";

fn number() -> CustomerNumber {
    CustomerNumber::parse(Customer::ANA.number).unwrap()
}

async fn change_address(app: &TestApp, email: &str) -> Change {
    let email = EmailAddress::parse(email).unwrap();
    email_change::set(&app.app, &administrator(), number(), email, reason("asked for by letter")).await.unwrap()
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
    ml_10_three_mails_a_day_tell_of_new_devices_and_one_sums_up,
    ml_10_notices_of_devices_that_never_were_mails_do_not_count,
    ml_10_the_mails_of_one_account_leave_another_s_alone,
    ml_10_sign_ins_at_the_same_moment_send_no_more_mails,
    ml_10_ten_mails_an_hour_tell_of_a_changed_password,
    ml_10_every_change_of_the_address_is_told,
];

async fn ml_06_a_closing_and_a_reopening_are_told_but_not_their_reason(app: &TestApp) {
    app.create(&Customer::ANA, Locale::En, Some(Customer::ANA.password)).await;
    accounts::close(&app.app, &administrator(), number(), reason(REASON)).await.unwrap();
    app.deliver_all().await;
    accounts::reopen(&app.app, &administrator(), number(), reason(REASON)).await.unwrap();
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
        assert!(mail.text().contains("ends in 17") && mail.text().contains("stakis.support@stahlgruber.si"));
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
    for secret in [NEW_ADDRESS, "n•••@", Customer::ANA.number] {
        assert!(!raw.contains(secret), "{secret} in {raw}");
    }
    // The one link locks the access down.
    assert_eq!(mails[0].text().matches("https://").count(), 1, "{}", mails[0].text());
    assert!(raw.contains("01 587 31 31") && raw.contains("https://identity.test/not-me#token="));
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
        email_change::set(&app.app, &administrator(), unknown, email, None).await.unwrap(),
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
    let masked = "asked for by letter; email: d•••@e•••.si -> n•••@e•••.si";
    let expected = ["user_email_changed", "command line", "004217", masked];
    let line = trail.iter().find(|line| line.event == "user_email_changed").unwrap();
    assert_eq!([&line.event, &line.actor, &line.customer_number, &line.detail], expected);
    for row in app.dump().rows("audit_events") {
        assert!(!row.contains(Customer::ANA.email) && !row.contains(NEW_ADDRESS), "{row}");
    }
}

/// Signs in from a program that the account has not used before. The name of a device is its program and its system.
async fn sign_in_from_new_device(app: &TestApp, customer: &Customer, index: usize) {
    let programs = ["Firefox/1", "Chrome/1", "Edg/1", "OPR/1", "Safari/1", "Vivaldi/1"];
    let systems = ["Windows", "Linux", "Android", "iPhone", "Macintosh"];
    let user_agent = format!("{} {}", programs[index % 6], systems[index / 6 % 5]);
    let form = json!({ "customer_number": customer.number, "password": customer.password });
    let request = app.request(Method::POST, "/v1/sessions").header("user-agent", user_agent);
    send(request.json(&form)).await.assert_status(201);
}

async fn sign_in_from_new_devices(app: &TestApp, customer: &Customer, devices: std::ops::Range<usize>) {
    for index in devices {
        sign_in_from_new_device(app, customer, index).await;
    }
}

/// The subjects of all mails to a customer, each with its number.
async fn subjects(app: &TestApp, customer: &Customer) -> Vec<(String, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for mail in app.mail_api.mails().await {
        if mail.to() == customer.email {
            *counts.entry(mail.subject().to_owned()).or_default() += 1;
        }
    }
    counts.into_iter().collect()
}

const NEW_DEVICE: &str = "STAkis: prijava z nove naprave";
const NEW_DEVICES: &str = "STAkis: dodatne prijave z novih naprav";

async fn ml_10_three_mails_a_day_tell_of_new_devices_and_one_sums_up(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    for round in 1..=2 {
        sign_in_from_new_devices(app, &Customer::ANA, 0..15).await;
        app.deliver_all().await;
        let expected = [(NEW_DEVICES.to_owned(), round), (NEW_DEVICE.to_owned(), 3 * round)];
        assert_eq!(subjects(app, &Customer::ANA).await, expected);
        // A day later the devices are told of again. The account has forgotten the first ones by then.
        app.advance(TimeDelta::hours(24));
        execute(&app.database.url, "DELETE FROM devices").unwrap();
    }
    let mails = app.mail_api.mails().await;
    let sums_up = mails.iter().find(|mail| mail.subject() == NEW_DEVICES).unwrap();
    let told = sums_up.text().replace(&sums_up.token(), "…");
    insta::assert_snapshot!(told.split("Oznaka").next().unwrap().trim_end(), @"
    Dodatne prijave z novih naprav

    Pozdravljeni,

    v vaš dostop je bilo še več prijav z naprav, ki jih doslej nismo poznali. Da se vaš poštni predal ne napolni, o posameznih prijavah nekaj časa (največ en dan) ne bomo več pošiljali sporočil. Na strani »Moj dostop« vidite vse prijavljene naprave in lahko odjavite tiste, ki jih ne prepoznate.

    Prikaži prijavljene naprave:
    https://identity.test/account

    Čas: 22. 11. 2026 ob 14:00
    Šifra stranke: se konča na 17

    Tega niste storili vi?
    Če tudi od sodelavcev ni bil nihče, takoj zaklenite dostop: vse naprave se odjavijo in geslo ne velja več. Povezavo za novo geslo dobite po e-pošti.

    Zakleni dostop:
    https://identity.test/not-me#token=…

    Lep pozdrav
    STAkis

    --
    Pomoč: stakis.support@stahlgruber.si, 01 587 31 31
    ");
}

/// The address is paused, and no notice reaches it.
async fn ml_10_notices_of_devices_that_never_were_mails_do_not_count(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    execute(
        &app.database.url,
        "INSERT INTO suppressions (address, reason, since, retry_at)
         VALUES ('delavnica@example.si', 'hard_bounce', '2020-01-01 00:00:00', '2099-01-01 00:00:00')",
    )
    .unwrap();
    sign_in_from_new_devices(app, &Customer::ANA, 0..6).await;
    app.deliver_all().await;
    assert_eq!(subjects(app, &Customer::ANA).await, []);
    execute(&app.database.url, "DELETE FROM suppressions").unwrap();
    sign_in_from_new_devices(app, &Customer::ANA, 6..12).await;
    app.deliver_all().await;
    assert_eq!(subjects(app, &Customer::ANA).await, [(NEW_DEVICES.to_owned(), 1), (NEW_DEVICE.to_owned(), 3)]);
}

async fn ml_10_the_mails_of_one_account_leave_another_s_alone(app: &TestApp) {
    for customer in [&Customer::ANA, &Customer::BOJAN] {
        app.make(customer).await;
        app.session(customer).await;
    }
    sign_in_from_new_devices(app, &Customer::ANA, 0..8).await;
    sign_in_from_new_devices(app, &Customer::BOJAN, 0..1).await;
    app.deliver_all().await;
    assert_eq!(subjects(app, &Customer::BOJAN).await, [(NEW_DEVICE.to_owned(), 1)]);
}

async fn ml_10_sign_ins_at_the_same_moment_send_no_more_mails(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    for round in 0..3 {
        join_all((0..4).map(|index| sign_in_from_new_device(app, &Customer::ANA, 4 * round + index))).await;
    }
    app.deliver_all().await;
    assert_eq!(subjects(app, &Customer::ANA).await, [(NEW_DEVICES.to_owned(), 1), (NEW_DEVICE.to_owned(), 3)]);
}

async fn ml_10_ten_mails_an_hour_tell_of_a_changed_password(app: &TestApp) {
    let changed = |count| [("STAkis: geslo je bilo zamenjano".to_owned(), count)];
    app.make(&Customer::ANA).await;
    let mut access_token = text(&app.session(&Customer::ANA).await, "access_token").to_owned();
    let mut password = Customer::ANA.password.to_owned();
    for index in 0..25 {
        let new = format!("Zimske-gume-{index:02}");
        let form = json!({ "current_password": password, "new_password": new, "new_password_confirmation": new });
        let answer = app.change(&access_token, form).await;
        answer.assert_status(200);
        text(&answer.json(), "access_token").clone_into(&mut access_token);
        password = new;
    }
    app.deliver_all().await;
    assert_eq!(subjects(app, &Customer::ANA).await, changed(10));
    app.advance(TimeDelta::hours(1));
    let customer = Customer { password: password.leak(), ..Customer::ANA };
    let access_token = app.access_token(&customer, customer.password).await;
    let form = json!({
        "current_password": customer.password,
        "new_password": "Letne-gume-2026",
        "new_password_confirmation": "Letne-gume-2026",
    });
    app.change(&access_token, form).await.assert_status(200);
    app.deliver_all().await;
    assert_eq!(subjects(app, &Customer::ANA).await, changed(11));
}

async fn ml_10_every_change_of_the_address_is_told(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for round in 1..=15 {
        for email in [NEW_ADDRESS, Customer::ANA.email] {
            assert_eq!(change_address(app, email).await, Change::Changed);
        }
        app.deliver_all().await;
        assert_eq!(app.mail_api.mails().await.len(), 2 * round);
    }
}
