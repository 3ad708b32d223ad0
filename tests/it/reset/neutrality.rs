//! An answer, and what it leaves behind, does not reveal whether an account exists.

use serde_json::json;
use stakis_identity::{
    identity::passwords,
    types::{CustomerNumber, Locale},
};

use crate::support::{Customer, TestApp, administrator, database_tests, execute};

const UNKNOWN: &str = "999999";
const AGED: Customer = Customer { number: "100004", email: "aged@example.si", password: "Poletne-gume-26" };
const EXPIRED: Customer = Customer { number: "100005", email: "expired@example.si", password: "Poletne-gume-26" };
const CLOSED: Customer = Customer { number: "100001", email: "closed@example.si", password: "Poletne-gume-26" };
const WITHOUT_EMAIL: Customer =
    Customer { number: "100002", email: "none@example.si", password: "Poletne-gume-26" };
const WITHOUT_PASSWORD: Customer = Customer { number: "100003", email: "new@example.si", password: "" };

async fn make_all(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&CLOSED).await;
    app.close(&CLOSED).await;
    app.make(&WITHOUT_EMAIL).await;
    execute(&app.database.url, "UPDATE accounts SET email = NULL WHERE customer_number = '100002'").unwrap();
    app.create(&WITHOUT_PASSWORD, Locale::Sl, None).await;
    app.make(&AGED).await;
    let aged = "UPDATE accounts SET password_changed_at = '2025-11-22 13:00:00' WHERE customer_number = '100004'";
    execute(&app.database.url, aged).unwrap();
    app.make(&EXPIRED).await;
    passwords::expire(&app.app, &administrator(), CustomerNumber::parse(EXPIRED.number).unwrap(), None)
        .await
        .unwrap();
}

/// The number of mails besides the notice about the closing.
async fn mails_but_the_closing(app: &TestApp) -> usize {
    let mails = app.mail_api.mails().await;
    mails.iter().filter(|mail| mail.subject() != "STAkis: dostop je zaprt").count()
}

const NUMBERS: [&str; 7] = [
    Customer::ANA.number,
    UNKNOWN,
    CLOSED.number,
    WITHOUT_EMAIL.number,
    WITHOUT_PASSWORD.number,
    AGED.number,
    EXPIRED.number,
];

database_tests![
    rq_01_status_headers_and_body_are_the_same_for_every_number,
    rq_02_the_same_rows_after_the_request_and_after_the_worker,
    rq_02_the_request_never_reads_the_accounts,
    rq_03_a_mail_api_that_is_down_changes_no_answer,
    lg_01_one_answer_for_every_sign_in_that_fails,
    lg_02_every_failed_sign_in_leaves_one_row,
];

async fn rq_01_status_headers_and_body_are_the_same_for_every_number(app: &TestApp) {
    make_all(app).await;
    let expected = app.ask(UNKNOWN).await.comparable();
    for number in NUMBERS {
        assert_eq!(app.ask(number).await.comparable(), expected, "{number}, first");
        assert_eq!(app.ask(number).await.comparable(), expected, "{number}, throttled");
    }
    app.deliver_all().await;
    for number in NUMBERS {
        assert_eq!(app.ask(number).await.comparable(), expected, "{number}, while a link is live");
    }
    app.deliver_all().await;
}

async fn rq_02_the_same_rows_after_the_request_and_after_the_worker(app: &TestApp) {
    make_all(app).await;
    let mut grown_by_request = Vec::new();
    let mut grown_by_worker = Vec::new();
    for number in NUMBERS {
        let before = app.dump().counts();
        app.ask(number).await;
        let between = app.dump().counts();
        let jobs_run = app.deliver_all().await;
        let after = app.dump().counts();
        let growth = |from: &std::collections::BTreeMap<&str, usize>,
                      to: &std::collections::BTreeMap<&str, usize>| {
            to.iter().map(|(table, count)| (table.to_string(), count.wrapping_sub(from[table]))).collect::<Vec<_>>()
        };
        grown_by_request.push(growth(&before, &between));
        grown_by_worker.push((jobs_run, growth(&between, &after)));
    }
    for (index, number) in NUMBERS.iter().enumerate() {
        assert_eq!(grown_by_request[index], grown_by_request[0], "{number}");
        assert_eq!(grown_by_worker[index], grown_by_worker[0], "{number}");
    }
    // The known number, the one without a password and the two with expired passwords got a mail. The others got none.
    assert_eq!(mails_but_the_closing(app).await, 4);
}

async fn rq_02_the_request_never_reads_the_accounts(app: &TestApp) {
    make_all(app).await;
    // The request works without the table of accounts; only the worker fails.
    execute(&app.database.url, "ALTER TABLE accounts RENAME TO accounts_hidden").unwrap();
    app.ask(Customer::ANA.number).await.assert_status(202);
    execute(&app.database.url, "ALTER TABLE accounts_hidden RENAME TO accounts").unwrap();
    app.deliver_all().await;
    assert_eq!(mails_but_the_closing(app).await, 1);
}

async fn rq_03_a_mail_api_that_is_down_changes_no_answer(app: &TestApp) {
    make_all(app).await;
    let expected = app.ask(UNKNOWN).await.comparable();
    app.mail_api.answer_with(wiremock::ResponseTemplate::new(500)).await;
    assert_eq!(app.ask(Customer::ANA.number).await.comparable(), expected);
    app.deliver_all().await;
    assert_eq!(app.ask(CLOSED.number).await.comparable(), expected);
    app.mail_api.recover().await;
    app.advance(chrono::TimeDelta::minutes(1));
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn lg_01_one_answer_for_every_sign_in_that_fails(app: &TestApp) {
    make_all(app).await;
    let expected = app.sign_in(UNKNOWN, "Napacno-geslo-1").await;
    expected.assert_problem(401, "invalid-credentials");
    for number in NUMBERS {
        let answer = app.sign_in(number, "Napacno-geslo-1").await;
        assert_eq!(answer.comparable(), expected.comparable(), "{number}");
    }
    // Only the right password reveals that access is closed.
    let closed = app.sign_in(CLOSED.number, CLOSED.password).await;
    closed.assert_problem(403, "account-closed");
    assert_eq!(
        closed.json()["support"],
        json!({ "email": "stakis.support@stahlgruber.si", "phone": "01 587 31 31" })
    );
}

async fn lg_02_every_failed_sign_in_leaves_one_row(app: &TestApp) {
    make_all(app).await;
    for number in NUMBERS {
        let before = app.dump().counts();
        app.sign_in(number, "Napacno-geslo-1").await;
        let after = app.dump().counts();
        assert_eq!(after["audit_events"], before["audit_events"] + 1, "{number}");
        assert_eq!(after["sessions"], before["sessions"], "{number}");
    }
}
