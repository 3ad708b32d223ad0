//! Whom a question about a caller reaches, how often, and what ends it (OW-11).

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use stakis_identity::{
    identity::{self, upkeep::begin_new_epoch},
    jobs,
    store::epoch::Passwords,
    types::{CustomerNumber, EmailAddress},
};

use crate::support::{
    Capture, Customer, Engine, MailApi, ManualClock, TestApp, TestDatabase, administrator, base_config,
    calling::{ask, call, code_on_page, found, not_verified, press, question, verified},
    database_tests, engine_tests, execute,
    machine::Machine,
    reason, text,
};

database_tests![
    ow_11_three_questions_an_hour_and_six_a_day_reach_a_customer,
    ow_11_sixty_questions_an_hour_of_a_client_and_then_none,
    ow_11_questions_at_once_do_not_pass_the_caps,
    ow_11_no_mail_goes_to_an_address_that_cools_off,
    ow_11_no_code_reaches_a_contested_or_a_nameless_mailbox,
    ow_11_a_lock_down_a_new_address_and_a_new_epoch_end_the_code,
    ow_11_a_code_of_a_revoked_client_is_shown_to_nobody,
    dp_02_questions_are_forgotten_after_three_days,
];

engine_tests![ow_11_a_question_and_its_check_do_the_same_work_for_nobody];

/// The statements are the same ones, in the same order: what the database has to do does not tell whether a number exists.
async fn ow_11_a_question_and_its_check_do_the_same_work_for_nobody(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let statements = Capture::of(&database);
    let config = base_config(&database);
    let app = TestApp::start_on(database, config, Arc::new(ManualClock::new()), MailApi::start().await).await;
    app.make(&Customer::ANA).await;
    let desk = Machine::with(&app, "support:act").await;
    for way in ["page", "mail"] {
        let mut done = Vec::new();
        // What is done at the first call alone, such as noting the last use of the client, does not count.
        for number in [Customer::BOJAN.number, Customer::ANA.number, "999999"] {
            statements.take();
            let asked = ask(&desk, number, way).await.json();
            let of_question = statements.take();
            assert_eq!(found(&desk, text(&asked, "id"), "000000").await, not_verified());
            done.push((of_question, statements.take()));
        }
        assert!(done[1].0.len() > 5 && done[1].1.len() > 3, "{:?}", done[1]);
        assert_eq!(done[1], done[2], "{way}");
    }
    app.deliver_all().await;
}

async fn ow_11_three_questions_an_hour_and_six_a_day_reach_a_customer(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut desk = Machine::with(app, "support:act").await;
    let reaching =
        |app: &TestApp| app.column("caller_codes", "account_id").iter().filter(|id| !id.is_empty()).count();
    let mut other = Machine::with(app, "support:act").await;
    for (index, reached) in [1, 2, 3, 3, 3].into_iter().enumerate() {
        // Two clients share the caps of a number.
        let client = if index % 2 == 0 { &desk } else { &other };
        let asked = ask(client, Customer::ANA.number, "mail").await;
        asked.assert_status(201);
        assert_eq!(reaching(app), reached);
        // A question that is swallowed ends the one before, too.
        assert_eq!(app.column("caller_codes", "ended_at").iter().filter(|at| at.is_empty()).count(), 1);
    }
    app.deliver_all().await;
    assert_eq!(app.mail_rows().len(), 3, "nothing is queued for what is swallowed");
    let swallowed = ask(&desk, Customer::ANA.number, "mail").await.json();
    assert_eq!(found(&desk, text(&swallowed, "id"), "000000").await, not_verified());
    let last = app.audit().into_iter().rfind(|line| line.event == "caller_code_asked").unwrap();
    assert_eq!(last.detail, "too many");
    app.advance(TimeDelta::hours(1));
    desk.renew().await;
    other.renew().await;
    for reached in [4, 5, 6, 6] {
        ask(&desk, Customer::ANA.number, "page").await.assert_status(201);
        assert_eq!(reaching(app), reached);
    }
    app.advance(TimeDelta::hours(22));
    desk.renew().await;
    ask(&desk, Customer::ANA.number, "page").await.assert_status(201);
    assert_eq!(reaching(app), 6, "six a day");
    app.advance(TimeDelta::hours(1));
    desk.renew().await;
    ask(&desk, Customer::ANA.number, "page").await.assert_status(201);
    assert_eq!(reaching(app), 7);
    assert!(app.counted(r#"stakis_rate_limited_total{limit="caller_codes"}"#) > 3);
}

async fn ow_11_sixty_questions_an_hour_of_a_client_and_then_none(app: &TestApp) {
    let (token, desk) = call(app).await;
    for index in 0..60 {
        ask(&desk, &format!("{:06}", 900_000 + index), "page").await.assert_status(201);
    }
    let beyond = ask(&desk, Customer::ANA.number, "page").await;
    beyond.assert_status(201);
    press(app, &token).await.assert_problem(404, "not-found");
    ask(&desk, Customer::ANA.number, "mail").await.assert_status(201);
    assert_eq!(app.deliver_all().await, 0);
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="walk"}"#), 1, "an operator is told, once");
    assert_eq!((app.events("caller_code_asked"), app.events("excess_rate_limit_exceeded")), (60, 1));
    // Another client is not held up.
    let other = Machine::with(app, "support:act").await;
    ask(&other, Customer::ANA.number, "page").await.assert_status(201);
    code_on_page(app, &token).await;
}

async fn ow_11_questions_at_once_do_not_pass_the_caps(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let desk = Machine::with(app, "support:act").await;
    let other = Machine::with(app, "support:act").await;
    let clients = [&desk, &other];
    let calls = (0..12).map(|index| ask(clients[index % 2], Customer::ANA.number, "page"));
    let answers = join_all(calls).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    let reached = app.column("caller_codes", "account_id");
    assert_eq!(reached.iter().filter(|id| !id.is_empty()).count(), 3);
    assert_eq!(app.column("caller_codes", "ended_at").iter().filter(|at| at.is_empty()).count(), 1);
}

async fn ow_11_no_mail_goes_to_an_address_that_cools_off(app: &TestApp) {
    let (token, mut desk) = call(app).await;
    execute(&app.database.url, "UPDATE accounts SET email_changed_at = '2026-11-22 12:00:00'").unwrap();
    let before = app.mail_api.mails().await.len();
    let id = question(&desk, "mail").await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), before);
    assert_eq!(found(&desk, &id, "000000").await, not_verified());
    // The page is no address.
    let id = question(&desk, "page").await;
    assert_eq!(found(&desk, &id, &code_on_page(app, &token).await).await, verified("page"));
    app.advance(TimeDelta::hours(23));
    desk.renew().await;
    question(&desk, "mail").await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), before + 1);
}

async fn ow_11_no_code_reaches_a_contested_or_a_nameless_mailbox(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let desk = Machine::with(app, "support:act").await;
    for state in ["contested_since = '2026-11-22 10:00:00'", "contested_since = NULL, email = NULL"] {
        execute(&app.database.url, &format!("UPDATE accounts SET {state}")).unwrap();
        question(&desk, "mail").await;
        app.deliver_all().await;
        assert!(app.mail_api.mails().await.is_empty(), "{state}");
    }
}

async fn ow_11_a_lock_down_a_new_address_and_a_new_epoch_end_the_code(app: &TestApp) {
    let (token, desk) = call(app).await;
    let number = || CustomerNumber::parse(Customer::ANA.number).unwrap();
    let id = question(&desk, "page").await;
    let code = code_on_page(app, &token).await;
    let new = EmailAddress::parse("nova@example.si").unwrap();
    identity::email_change::set(&app.app, &administrator(), number(), new, reason("nov naslov")).await.unwrap();
    assert_eq!(found(&desk, &id, &code).await, not_verified());
    press(app, &token).await.assert_problem(404, "not-found");

    let id = question(&desk, "page").await;
    let code = code_on_page(app, &token).await;
    begin_new_epoch(&app.app, &administrator(), Passwords::Kept).await.unwrap();
    app.advance(TimeDelta::minutes(1));
    jobs::keep_house(&app.app).await;
    let mut desk = desk;
    desk.renew().await;
    assert_eq!(found(&desk, &id, &code).await, not_verified());

    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let id = question(&desk, "page").await;
    let code = code_on_page(app, &token).await;
    identity::lock_down::by_administrator(&app.app, &administrator(), number(), None).await.unwrap();
    assert_eq!(found(&desk, &id, &code).await, not_verified());
    app.deliver_all().await;
}

async fn ow_11_a_code_of_a_revoked_client_is_shown_to_nobody(app: &TestApp) {
    let (token, desk) = call(app).await;
    let before = app.mail_api.mails().await.len();
    question(&desk, "mail").await;
    desk.partner.revoke(app).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), before);
    let desk = Machine::with(app, "support:act").await;
    question(&desk, "page").await;
    desk.partner.revoke(app).await;
    press(app, &token).await.assert_problem(404, "not-found");
}

async fn dp_02_questions_are_forgotten_after_three_days(app: &TestApp) {
    let (_, desk) = call(app).await;
    question(&desk, "page").await;
    ask(&desk, "999999", "mail").await.assert_status(201);
    app.deliver_all().await;
    app.advance(TimeDelta::hours(72));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["caller_codes"], 2);
    app.advance(TimeDelta::minutes(11));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts().get("caller_codes").copied().unwrap_or(0), 0);
}
