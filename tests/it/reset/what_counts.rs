//! Only mails that were handed over or still wait count against the next request of a number.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use stakis_identity::{
    config::LimitsConfig,
    identity::{accounts, outbox::lift_suppression},
    types::{CustomerNumber, Locale},
};
use wiremock::ResponseTemplate;

use crate::support::{
    Customer, Engine, SwallowedRequests, TestApp, administrator, database_tests,
    delivery_events::{accept_by_id, bounce},
    diagnosis::{codes, diagnosis, events},
    engine_tests, execute,
};

database_tests![
    rl_08_requests_while_access_is_closed_cost_the_owner_nothing,
    rl_08_requests_while_mail_is_paused_cost_the_owner_nothing,
    rl_08_requests_before_the_account_cost_its_owner_nothing,
    rl_08_a_request_from_before_the_account_gets_no_mail,
    rl_08_a_mail_that_was_dropped_unsent_costs_the_owner_nothing,
    rl_08_a_mail_that_was_refused_or_given_up_costs_nothing,
    rl_08_an_outage_of_a_day_ends_in_one_mail,
    rl_08_a_worker_that_was_away_for_a_day_sends_one_mail,
    rl_08_a_request_while_a_mail_waits_renews_its_day,
    rl_08_the_cooldown_begins_when_a_mail_goes_out,
    rl_08_a_waiting_mail_to_another_address_is_not_renewed,
    rl_08_a_diagnosis_tells_of_no_link_that_never_was,
    rl_08_a_diagnosis_tells_of_a_cap_where_no_link_is_left,
];
engine_tests![
    rl_08_what_never_was_a_mail_uses_up_no_cap,
    rq_02_any_number_of_requests_leave_the_same_rows_for_every_number,
];

fn number(customer: &Customer) -> CustomerNumber {
    CustomerNumber::parse(customer.number).unwrap()
}

async fn mails(app: &TestApp) -> usize {
    let mails = app.mail_api.mails().await;
    mails.iter().filter(|mail| mail.subject() == "STAkis: sprememba gesla").count()
}

/// Asks for a reset and lets the worker serve it.
async fn ask(app: &TestApp, customer: &Customer) {
    app.ask(customer.number).await.assert_status(202);
    app.deliver_all().await;
}

/// The number of requests of Ana that were swallowed for a reason.
fn swallowed(app: &TestApp, outcome: &str) -> usize {
    let all = SwallowedRequests::all(&app.database.url);
    let counted = all.iter().filter(|row| row.customer_number == Customer::ANA.number && row.outcome == outcome);
    counted.map(|row| row.requests.parse::<usize>().unwrap()).sum()
}

/// The requests come faster than the cool-down, and one by one after it.
async fn rl_08_requests_while_access_is_closed_cost_the_owner_nothing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.close(&Customer::ANA).await;
    for minutes in [1, 6, 6, 6] {
        ask(app, &Customer::ANA).await;
        app.advance(TimeDelta::minutes(minutes));
    }
    ask(app, &Customer::ANA).await;
    assert_eq!(mails(app).await, 0);
    accounts::reopen(&app.app, &administrator(), number(&Customer::ANA), None).await.unwrap();
    ask(app, &Customer::ANA).await;
    assert_eq!(mails(app).await, 1, "nobody had a mail before");
    ask(app, &Customer::ANA).await;
    assert_eq!(mails(app).await, 1, "this one counts");
}

async fn rl_08_requests_while_mail_is_paused_cost_the_owner_nothing(app: &TestApp) {
    bounce(app).await;
    app.advance(TimeDelta::hours(2));
    let before = mails(app).await;
    for _ in 0..4 {
        ask(app, &Customer::ANA).await;
        app.advance(TimeDelta::minutes(6));
    }
    ask(app, &Customer::ANA).await;
    assert_eq!(mails(app).await, before);
    lift_suppression(&app.app, &administrator(), number(&Customer::ANA), None).await.unwrap();
    ask(app, &Customer::ANA).await;
    assert_eq!(mails(app).await, before + 1);
}

async fn rl_08_requests_before_the_account_cost_its_owner_nothing(app: &TestApp) {
    for _ in 0..4 {
        ask(app, &Customer::ANA).await;
        app.advance(TimeDelta::minutes(6));
    }
    ask(app, &Customer::ANA).await;
    app.create(&Customer::ANA, Locale::Sl, None).await;
    ask(app, &Customer::ANA).await;
    assert_eq!(mails(app).await, 1);
}

async fn rl_08_a_request_from_before_the_account_gets_no_mail(app: &TestApp) {
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.advance(TimeDelta::seconds(1));
    app.make(&Customer::ANA).await;
    app.deliver_all().await;
    assert_eq!(mails(app).await, 0);
    ask(app, &Customer::ANA).await;
    assert_eq!(mails(app).await, 1);
}

/// The mail waits, access is closed, and the mail is dropped: before access is opened again, or after.
async fn rl_08_a_mail_that_was_dropped_unsent_costs_the_owner_nothing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for drops_before_reopening in [true, false] {
        app.mail_api.answer_with(ResponseTemplate::new(500)).await;
        ask(app, &Customer::ANA).await;
        accounts::close(&app.app, &administrator(), number(&Customer::ANA), None).await.unwrap();
        if drops_before_reopening {
            app.advance(TimeDelta::seconds(30));
            app.deliver_all().await;
        }
        accounts::reopen(&app.app, &administrator(), number(&Customer::ANA), None).await.unwrap();
        app.mail_api.recover().await;
        ask(app, &Customer::ANA).await;
        app.advance(TimeDelta::minutes(2));
        app.deliver_all().await;
        assert_eq!(mails(app).await, 1, "{drops_before_reopening}");
        app.advance(TimeDelta::hours(2));
    }
}

async fn rl_08_a_mail_that_was_refused_or_given_up_costs_nothing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for _ in 0..4 {
        app.mail_api.answer_with(ResponseTemplate::new(400)).await;
        ask(app, &Customer::ANA).await;
    }
    app.mail_api.recover().await;
    ask(app, &Customer::ANA).await;
    assert_eq!(mails(app).await, 1, "after a refusal");
    app.advance(TimeDelta::hours(2));
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    ask(app, &Customer::ANA).await;
    app.advance(TimeDelta::hours(24));
    app.deliver_all().await;
    assert!(app.mail_rows().iter().any(|mail| mail.status == "abandoned"));
    app.mail_api.recover().await;
    ask(app, &Customer::ANA).await;
    assert_eq!(mails(app).await, 1, "after a mail that was given up");
}

/// A customer who asks every five minutes makes 288 requests in a day.
async fn rl_08_an_outage_of_a_day_ends_in_one_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    for _ in 0..288 {
        ask(app, &Customer::ANA).await;
        app.advance(TimeDelta::minutes(5));
    }
    assert_eq!(app.only_mail().status, "queued");
    assert_eq!(swallowed(app, "renewed"), 287);
    app.mail_api.recover().await;
    for _ in 0..24 {
        app.advance(TimeDelta::minutes(10));
        app.deliver_all().await;
    }
    assert_eq!(mails(app).await, 1);
    assert_eq!(app.only_mail().status, "handed_over");
}

async fn rl_08_a_worker_that_was_away_for_a_day_sends_one_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for _ in 0..300 {
        app.ask(Customer::ANA.number).await.assert_status(202);
        app.advance(TimeDelta::minutes(5));
    }
    app.deliver_all().await;
    assert_eq!(mails(app).await, 1);
    assert_eq!(app.column("reset_requests", "outcome").iter().filter(|outcome| *outcome == "link_made").count(), 1);
}

async fn rl_08_a_request_while_a_mail_waits_renews_its_day(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    ask(app, &Customer::ANA).await;
    app.advance(TimeDelta::hours(23));
    ask(app, &Customer::ANA).await;
    assert_eq!(swallowed(app, "renewed"), 1);
    app.advance(TimeDelta::hours(20));
    app.deliver_all().await;
    let waiting = diagnosis(app).await;
    assert_eq!(codes(&waiting), ["mail_provider_down"]);
    app.mail_api.recover().await;
    app.advance(TimeDelta::minutes(20));
    app.deliver_all().await;
    let sent = app.mail_api.mails().await;
    assert_eq!(sent.len(), 1);
    app.advance(TimeDelta::minutes(59));
    app.verify(&sent[0].token()).await.assert_status(200);
}

/// A mail that waited for hours is as new as any other once it goes out.
async fn rl_08_the_cooldown_begins_when_a_mail_goes_out(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    ask(app, &Customer::ANA).await;
    app.advance(TimeDelta::hours(5));
    app.mail_api.recover().await;
    app.deliver_all().await;
    assert_eq!(mails(app).await, 1);
    app.advance(TimeDelta::minutes(4));
    ask(app, &Customer::ANA).await;
    assert_eq!((mails(app).await, swallowed(app, "cooldown")), (1, 1));
    app.advance(TimeDelta::minutes(1));
    ask(app, &Customer::ANA).await;
    assert_eq!(mails(app).await, 2);
}

/// The waiting mail will be dropped, so it must not take the new request with it.
async fn rl_08_a_waiting_mail_to_another_address_is_not_renewed(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    ask(app, &Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET email = 'nova@example.si'").unwrap();
    app.mail_api.recover().await;
    ask(app, &Customer::ANA).await;
    app.advance(TimeDelta::minutes(1));
    app.deliver_all().await;
    let sent = app.mail_api.mails().await;
    let [mail] = sent.as_slice() else { panic!("one mail was expected: {sent:?}") };
    assert_eq!(mail.to(), "nova@example.si");
}

/// The requests reach every reason for which one is swallowed.
async fn rl_08_a_diagnosis_tells_of_no_link_that_never_was(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.close(&Customer::ANA).await;
    for _ in 0..5 {
        ask(app, &Customer::ANA).await;
        ask(app, &Customer::ANA).await;
        app.advance(TimeDelta::minutes(6));
    }
    app.advance(TimeDelta::minutes(90));
    ask(app, &Customer::ANA).await;
    ask(app, &Customer::ANA).await;
    let closed = diagnosis(app).await;
    assert_eq!(codes(&closed), ["account_closed"]);
    accounts::reopen(&app.app, &administrator(), number(&Customer::ANA), None).await.unwrap();
    app.deliver_all().await;
    let reopened = diagnosis(app).await;
    assert_eq!(codes(&reopened), ["no_request_received"]);
    for never in ["reset_link_expired", "mail_handed_over"] {
        let told = |diagnosis| events(diagnosis).iter().filter(|event| **event == never).count();
        // The notices of the closing and the reopening are mails.
        let expected = if never == "mail_handed_over" { [1, 2] } else { [0, 0] };
        assert_eq!([told(&closed), told(&reopened)], expected, "{never}");
    }
    let details: Vec<&str> =
        reopened["timeline"].as_array().unwrap().iter().filter_map(|line| line["detail"].as_str()).collect();
    assert!(!details.contains(&"enough_links") && !details.contains(&"link_made"), "{details:?}");
}

async fn rl_08_a_diagnosis_tells_of_a_cap_where_no_link_is_left(app: &TestApp) {
    app.make(&Customer::ANA).await;
    ask(app, &Customer::ANA).await;
    app.advance(TimeDelta::hours(2));
    // The budget of all is used up, which leaves no trace at this number but the swallowed request.
    execute(
        &app.database.url,
        "INSERT INTO swallowed_requests (customer_number, hour, outcome, requests, first_at, last_at)
         VALUES ('004217', '2026-11-22 15:00:00', 'mail_budget', 1, '2026-11-22 15:00:00', '2026-11-22 15:00:00')",
    )
    .unwrap();
    let none = diagnosis(app).await;
    assert_eq!(codes(&none), ["mail_limit_reached", "mail_handed_over_unconfirmed"]);
    assert!(!none["findings"][0]["next_step"].as_str().unwrap().contains('–'), "{none}");
    app.advance(TimeDelta::hours(1));
    assert_eq!(codes(&diagnosis(app).await), ["link_expired", "mail_handed_over_unconfirmed"]);
}

const OBSTACLES: [(&str, &str); 4] = [
    ("UPDATE accounts SET closed_at = created_at", "UPDATE accounts SET closed_at = NULL"),
    ("UPDATE accounts SET email = NULL", "UPDATE accounts SET email = 'delavnica@example.si'"),
    ("UPDATE accounts SET email_changed_at = '2099-01-01 00:00:00'", "UPDATE accounts SET email_changed_at = NULL"),
    (
        "INSERT INTO suppressions (address, reason, since, retry_at)
         VALUES ('delavnica@example.si', 'hard_bounce', '2020-01-01 00:00:00', '2099-01-01 00:00:00')",
        "DELETE FROM suppressions",
    ),
];

/// As many requests come as use up the caps of an hour and of a day.
async fn rl_08_what_never_was_a_mail_uses_up_no_cap(engine: Engine) {
    for (obstacle, end) in OBSTACLES {
        let app = TestApp::start_with(engine, |config| {
            let reset_mails = LimitsConfig::standard().reset_mails;
            config.limits = LimitsConfig { enforced: true, reset_mails, ..LimitsConfig::default() };
        })
        .await;
        app.make(&Customer::ANA).await;
        execute(&app.database.url, obstacle).unwrap();
        for _ in 0..12 {
            ask(&app, &Customer::ANA).await;
            app.advance(TimeDelta::minutes(21));
        }
        assert_eq!(mails(&app).await, 0, "{obstacle}");
        execute(&app.database.url, end).unwrap();
        for sent in [1, 2, 3] {
            ask(&app, &Customer::ANA).await;
            assert_eq!(mails(&app).await, sent, "{obstacle}");
            app.advance(TimeDelta::minutes(5));
        }
        ask(&app, &Customer::ANA).await;
        assert_eq!(mails(&app).await, 3, "{obstacle}: mails do count");
    }
}

/// The number of rows in each table, for each kind of number after the same requests.
async fn rq_02_any_number_of_requests_leave_the_same_rows_for_every_number(engine: Engine) {
    let mut seen: Vec<(&str, BTreeMap<&'static str, usize>)> = Vec::new();
    let nobody = ("UPDATE accounts SET customer_number = '004218'", "");
    let owner = ("SELECT 1", "");
    for (obstacle, _) in OBSTACLES.into_iter().chain([nobody, owner]) {
        let app = TestApp::start_with(engine, |config| {
            let LimitsConfig { reset_mails, reset_mails_total, .. } = LimitsConfig::standard();
            config.limits =
                LimitsConfig { enforced: true, reset_mails, reset_mails_total, ..LimitsConfig::default() };
        })
        .await;
        accept_by_id(&app).await;
        app.make(&Customer::ANA).await;
        execute(&app.database.url, obstacle).unwrap();
        let before = app.dump().counts();
        for step in 0..40 {
            ask(&app, &Customer::ANA).await;
            app.advance(TimeDelta::minutes(if step % 3 == 0 { 1 } else { 7 }));
        }
        let mut grown = app.dump().counts();
        for (table, count) in &mut grown {
            *count -= before[table];
        }
        seen.push((obstacle, grown));
    }
    for (obstacle, grown) in &seen {
        assert_eq!(*grown, seen[0].1, "{obstacle}");
    }
    assert!(seen[0].1["mails"] >= 6, "{:?}", seen[0].1);
}
