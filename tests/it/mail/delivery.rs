//! A mail is sent once, later, or not at all, and no request waits for it.

use std::{thread, time::Duration};

use chrono::TimeDelta;
use stakis_identity::{config::DatabaseUrl, store, types::Clock as _};
use wiremock::{Request, Respond, ResponseTemplate};

use crate::support::{Customer, JobRow, TestApp, database_tests, execute, issue_link_only, refusal};

database_tests![
    ml_08_a_failing_mail_api_is_tried_again_after_ten_seconds,
    ml_08_a_mail_that_is_refused_for_good_is_not_tried_again,
    ml_08_a_wrong_key_costs_no_mail,
    ml_08_retry_after_is_honoured,
    ml_08_a_mail_api_that_hangs_is_left_after_ten_seconds,
    ml_03_the_link_s_life_begins_when_the_mail_goes_out,
    ml_03_after_a_day_the_mail_is_given_up_once,
    ml_03_a_request_that_waited_a_day_gets_no_link,
    ml_03_what_became_pointless_is_dropped,
    ml_01_a_retry_after_a_crash_is_the_same_to_the_byte,
    a_lease_keeps_others_off_for_a_minute,
    a_job_of_another_version_waits_and_holds_up_nobody,
    a_claim_takes_no_more_than_it_asks_for,
    ml_01_a_fault_while_the_books_are_kept_repeats_no_mail,
    ml_01_a_mail_that_was_heard_of_is_not_sent_again,
    ml_08_a_mail_that_is_not_served_holds_up_no_other,
    rq_02_a_reset_to_a_paused_address_takes_the_steps_of_any_other,
    ml_10_the_mail_of_a_request_goes_out_before_later_requests_are_served,
];

async fn ml_08_a_failing_mail_api_is_tried_again_after_ten_seconds(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for answer in [
        ResponseTemplate::new(500),
        ResponseTemplate::new(503),
        ResponseTemplate::new(408),
        ResponseTemplate::new(302).insert_header("location", "/elsewhere"),
    ] {
        app.mail_api.answer_with(answer).await;
        app.ask(Customer::ANA.number).await;
        app.deliver_all().await;
        assert_eq!(app.mail_api.mails().await.len(), 1);
        app.advance(TimeDelta::seconds(9));
        assert_eq!(app.deliver_all().await, 0);
        app.mail_api.recover().await;
        app.advance(TimeDelta::seconds(3));
        app.deliver_all().await;
        assert_eq!(app.mail_api.mails().await.len(), 1);
        app.advance(TimeDelta::hours(2));
    }
}

async fn ml_08_a_mail_that_is_refused_for_good_is_not_tried_again(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(refusal(400, "validation_error")).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    app.advance(TimeDelta::hours(1));
    assert_eq!(app.deliver_all().await, 0);
    assert_eq!(app.mail_api.mails().await.len(), 1);
    assert!(app.only_mail().status.contains("refused"));
    // A new request is served as usual.
    app.mail_api.recover().await;
    app.token_for(&Customer::ANA).await;
}

async fn ml_08_a_wrong_key_costs_no_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(refusal(401, "restricted_api_key")).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    app.mail_api.recover().await;
    // The service waits before it tries the key again.
    app.advance(TimeDelta::seconds(59));
    assert_eq!(app.deliver_all().await, 0);
    app.advance(TimeDelta::seconds(8));
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn ml_08_retry_after_is_honoured(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(429).insert_header("retry-after", "120")).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    app.mail_api.recover().await;
    app.advance(TimeDelta::seconds(119));
    assert_eq!(app.deliver_all().await, 0);
    app.advance(TimeDelta::seconds(1));
    assert_eq!(app.deliver_all().await, 1);
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn ml_08_a_mail_api_that_hangs_is_left_after_ten_seconds(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(200).set_delay(Duration::from_mins(1))).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert!(app.only_mail().last_error.contains("timeout"));
    app.mail_api.recover().await;
    app.advance(TimeDelta::seconds(11));
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn ml_03_the_link_s_life_begins_when_the_mail_goes_out(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    app.ask(Customer::ANA.number).await;
    for _ in 0..20 {
        app.deliver_all().await;
        app.advance(TimeDelta::minutes(20));
    }
    app.mail_api.recover().await;
    app.deliver_all().await;
    let token = app.mail_api.mails().await[0].token();
    app.advance(TimeDelta::minutes(59));
    app.verify(&token).await.assert_status(200);
}

async fn ml_03_after_a_day_the_mail_is_given_up_once(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    app.ask(Customer::ANA.number).await;
    let mut most_recent = 0;
    for _ in 0..120 {
        app.deliver_all().await;
        most_recent = app.mail_api.mails().await.len();
        app.advance(TimeDelta::minutes(17));
    }
    assert!((80..=100).contains(&most_recent), "{most_recent} attempts in a day");
    app.mail_api.recover().await;
    assert_eq!(app.deliver_all().await, 0);
    assert!(app.only_mail().status.contains("abandoned"));
    assert_eq!(app.events("mail_given_up"), 1);
}

async fn ml_03_a_request_that_waited_a_day_gets_no_link(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await;
    app.advance(TimeDelta::hours(24));
    app.deliver_all().await;
    assert!(app.mail_api.mails().await.is_empty());
    assert_eq!(app.column("reset_requests", "outcome"), ["stale"]);
}

async fn ml_03_what_became_pointless_is_dropped(app: &TestApp) {
    const REASONS: [(&str, &str); 2] = [
        ("address changed", "UPDATE accounts SET email = 'other@example.si'"),
        ("link ended", "UPDATE reset_links SET ended_at = created_at, ended_because = 'withdrawn'"),
    ];
    app.make(&Customer::ANA).await;
    for (why, statement) in REASONS {
        app.mail_api.answer_with(ResponseTemplate::new(500)).await;
        app.ask(Customer::ANA.number).await;
        app.deliver_all().await;
        app.mail_api.recover().await;
        execute(&app.database.url, statement).unwrap();
        app.advance(TimeDelta::minutes(10));
        app.deliver_all().await;
        assert!(app.mail_api.mails().await.is_empty(), "{why}");
        assert!(app.audit().iter().any(|line| line.detail.contains(why)), "{why}");
    }
}

/// The crash happens after the mail is handed over and before that is recorded.
async fn ml_01_a_retry_after_a_crash_is_the_same_to_the_byte(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await;
    // A crash leaves the table of jobs as it was before the mail was sent.
    issue_link_only(&app.app).await;
    let before = app.job_rows();
    app.deliver_all().await;
    execute(&app.database.url, &restore_job(&before)).unwrap();
    execute(
        &app.database.url,
        "UPDATE mails SET status = 'queued', finished_at = NULL, provider_message_id = NULL",
    )
    .unwrap();
    app.advance(TimeDelta::seconds(61));
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].raw, mails[1].raw);
    app.verify(&mails[0].token()).await.assert_status(200);
}

async fn a_lease_keeps_others_off_for_a_minute(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await;
    let now = app.clock.now();
    let claim = |now, seconds| {
        let database = app.app.database.clone();
        async move {
            database
                .write(move |tx| -> Result<_, store::StoreError> {
                    let tx = &mut store::Transaction { connection: tx.connection, now, clock: tx.clock };
                    store::jobs::claim_due(tx, now + TimeDelta::seconds(seconds), store::jobs::LAST, 10)
                })
                .await
                .unwrap()
                .len()
        }
    };
    assert_eq!(claim(now, 60).await, 1);
    assert_eq!(claim(now, 60).await, 0);
    assert_eq!(claim(now + TimeDelta::seconds(59), 60).await, 0);
    assert_eq!(claim(now + TimeDelta::seconds(60), 0).await, 1);
    app.advance(TimeDelta::seconds(61));
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn a_job_of_another_version_waits_and_holds_up_nobody(app: &TestApp) {
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "INSERT INTO jobs (id, payload, run_at, attempts, created_at) VALUES ('later', '{\"kind\":\"teleport/9\"}', '2026-11-22 12:00:00', 0, '2026-11-22 12:00:00')").unwrap();
    app.token_for(&Customer::ANA).await;
    assert_eq!(app.dump().counts()["jobs"], 1);
    execute(&app.database.url, "DELETE FROM jobs").unwrap();
}

/// Statistics of a nearly empty table once made PostgreSQL's planner run the limited subquery once for each row.
async fn a_claim_takes_no_more_than_it_asks_for(app: &TestApp) {
    let job = |id: &str| {
        format!(
            "INSERT INTO jobs (id, payload, run_at, attempts, created_at, priority)
             VALUES ('{id}', '{{}}', '2026-01-01 00:00:00', 0, '2026-01-01 00:00:00', 0)"
        )
    };
    execute(&app.database.url, &job("first")).unwrap();
    execute(&app.database.url, "ANALYZE").unwrap();
    for index in 0..100 {
        execute(&app.database.url, &job(&format!("job-{index}"))).unwrap();
    }
    let now = app.app.clock.now();
    let claimed = app
        .app
        .database
        .write(move |tx| store::jobs::claim_due(tx, now + TimeDelta::minutes(1), store::jobs::LAST, 8))
        .await
        .unwrap();
    assert_eq!(claimed.len(), 8);
    execute(&app.database.url, "DELETE FROM jobs").unwrap();
}

/// Accepts the mail, and makes the audit trail unavailable for a moment.
struct TakesAndDisturbs(DatabaseUrl);

impl Respond for TakesAndDisturbs {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let url = self.0.clone();
        execute(&url, "ALTER TABLE audit_events RENAME TO out_of_reach").unwrap();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            execute(&url, "ALTER TABLE out_of_reach RENAME TO audit_events").unwrap();
        });
        ResponseTemplate::new(200).set_body_json(serde_json::json!({ "ID": "taken" }))
    }
}

async fn ml_01_a_fault_while_the_books_are_kept_repeats_no_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(TakesAndDisturbs(app.database.url.clone())).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    app.advance(TimeDelta::hours(1));
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
    assert_eq!(app.only_mail().status, "handed_over");
}

async fn ml_01_a_mail_that_was_heard_of_is_not_sent_again(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await;
    issue_link_only(&app.app).await;
    // The process was killed before it recorded the answer, and the delivery event came first.
    execute(
        &app.database.url,
        "UPDATE mails SET attempts = 1, provider = 'mailpit', delivery = 'delivered', delivery_at = created_at",
    )
    .unwrap();
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 0);
    assert_eq!(app.only_mail().status, "handed_over");
    assert_eq!(app.events("mail_handed_over"), 1);
}

async fn ml_08_a_mail_that_is_not_served_holds_up_no_other(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    app.mail_api.answer_with(refusal(403, "not_for_this_recipient")).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    app.mail_api.recover().await;
    app.advance(TimeDelta::seconds(60));
    app.ask(Customer::BOJAN.number).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1, "the mail API serves others");
    app.mail_api.answer_with(refusal(403, "not_for_this_recipient")).await;
    app.advance(TimeDelta::seconds(60));
    app.deliver_all().await;
    app.mail_api.recover().await;
    app.advance(TimeDelta::minutes(5));
    app.ask(Customer::BOJAN.number).await;
    app.deliver_all().await;
    assert!(app.mail_api.mails().await.iter().any(|mail| mail.to() == Customer::BOJAN.email));
    app.may_leave_jobs();
}

async fn rq_02_a_reset_to_a_paused_address_takes_the_steps_of_any_other(app: &TestApp) {
    app.make(&Customer::ANA).await;
    execute(
        &app.database.url,
        "INSERT INTO suppressions (address, reason, since, retry_at)
         VALUES ('delavnica@example.si', 'hard_bounce', '2020-01-01 00:00:00', '2099-01-01 00:00:00')",
    )
    .unwrap();
    for number in [Customer::ANA.number, "999999"] {
        app.ask(number).await;
        app.deliver_all().await;
    }
    let mails = app.mail_rows();
    assert_eq!(app.mail_api.mails().await.len(), 0);
    assert_eq!(mails.iter().filter(|mail| mail.status == "suppressed").count(), 1, "{mails:?}");
    // Each mail was begun in one transaction and settled in another one.
    assert!(mails.iter().all(|mail| mail.attempts == "1"), "{mails:?}");
}

fn restore_job(jobs: &[JobRow]) -> String {
    let [JobRow { payload, .. }] = jobs else { panic!("one job was expected: {jobs:?}") };
    format!(
        "INSERT INTO jobs (id, payload, run_at, attempts, created_at) \
         VALUES ('again', '{payload}', '2026-11-22 13:00:00', 1, '2026-11-22 13:00:00')"
    )
}

/// In a burst of thousands the first mails leave at once.
async fn ml_10_the_mail_of_a_request_goes_out_before_later_requests_are_served(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    for customer in [Customer::ANA, Customer::BOJAN] {
        app.ask(customer.number).await.assert_status(202);
        app.advance(TimeDelta::seconds(1));
    }
    issue_link_only(&app.app).await;
    let mut claimed = Vec::new();
    for _ in 0..2 {
        let claim = |tx: &mut store::Transaction<'_>| {
            store::jobs::claim_due(tx, tx.now + TimeDelta::seconds(60), store::jobs::LAST, 1)
        };
        let jobs: Vec<store::jobs::Job> = app.app.database.write(claim).await.unwrap();
        claimed.extend(jobs.into_iter().map(|job| job.payload));
    }
    assert!(claimed[0].contains("send_mail") && claimed[1].contains("issue_reset_link"), "{claimed:?}");
    app.advance(TimeDelta::seconds(61));
    app.deliver_all().await;
}
