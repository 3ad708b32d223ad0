//! The series of the metrics: each is there from the start, none grows, and they tell what goes on.

use std::collections::BTreeSet;

use chrono::{SubsecRound as _, TimeDelta};
use stakis_identity::{
    identity::outbox::record_delivery,
    jobs,
    metrics::MOST_COUNTED,
    types::{BounceCause, DeliveryKind, Locale, UtcTime},
};

use super::{
    metrics::{metrics, much_happens, value},
    outages::{with_database_gone, with_outage},
};
use crate::support::{
    Customer, TestApp, database_tests,
    delivery_events::{accept_by_id, event_at, reset, take_bounce},
    execute,
};

database_tests![
    op_06_every_series_is_there_from_the_start,
    op_06_an_outage_of_the_database_keeps_counting,
    op_06_jobs_are_counted_by_kind_state_and_urgency,
    op_06_a_count_of_what_waits_is_bounded,
    op_06_a_provider_of_mailboxes_that_begins_to_refuse_is_an_alarm,
    lo_08_a_domain_of_few_accounts_is_no_label,
];

/// The series of a text, without their values.
fn series(metrics: &str) -> BTreeSet<&str> {
    let lines = metrics.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap().0).collect()
}

async fn op_06_every_series_is_there_from_the_start(app: &TestApp) {
    let before = metrics(app).await;
    much_happens(app).await;
    jobs::keep_house(&app.app).await;
    for path in ["/", "/sign-in", "/docs/", "/docs/guides/", "/openapi.json", "/llms.txt", "/livez", "/readyz"] {
        app.get(path).await;
    }
    let after = metrics(app).await;
    let new: Vec<_> = series(&after).difference(&series(&before)).copied().map(str::to_owned).collect();
    assert!(new.is_empty(), "{new:#?}");
    for line in after.lines().filter(|line| line.contains(r#""other""#)) {
        assert!(line.ends_with(" 0"), "{line} counts what nobody has expected");
    }
    assert!(value(&after, "stakis_hash_wait_seconds_count") > 0);
    assert!(value(&after, "stakis_database_wait_seconds_count") > 0);
    assert!(value(&after, r#"stakis_upkeep_batches_total{outcome="over",task="sessions"}"#) > 0);
    let handed_over =
        r#"stakis_mail_hand_over_seconds_count{kind="reset_link",provider="mailpit",urgency="at_once"}"#;
    assert!(value(&after, handed_over) > 0);
    let slow = r#"stakis_http_request_duration_seconds_count{method="POST",route="/v1/sessions"}"#;
    assert!(value(&after, slow) > 10);
    let process = [("process_open_fds", 5), ("process_threads", 2), ("process_resident_memory_bytes", 1 << 20)];
    for (name, least) in process {
        assert!(value(&after, name) >= least && value(&after, name) < i64::from(u32::MAX), "{name}");
    }
}

async fn op_06_an_outage_of_the_database_keeps_counting(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let before = metrics(app).await;
    assert_up(&before);
    // SQLite that is locked for writers goes on answering readers.
    let looks = with_outage(app, look_twice(app)).await;
    assert_failures_rise(&before, &looks);
    let between = metrics(app).await;
    assert_up(&between);
    let looks = with_database_gone(app, look_twice(app)).await;
    assert_failures_rise(&between, &looks);
    for text in &looks {
        assert!(text.contains("stakis_database_up 0\n"), "{text}");
        assert!(!text.contains("stakis_jobs"), "{text}");
    }
    assert_up(&metrics(app).await);
}

/// The metrics at two looks, with calls that need the database before each.
async fn look_twice(app: &TestApp) -> [String; 2] {
    let mut texts = [String::new(), String::new()];
    for text in &mut texts {
        app.get("/readyz").await.assert_status(503);
        app.ask(Customer::ANA.number).await.assert_status(503);
        *text = metrics(app).await;
    }
    texts
}

fn assert_up(metrics: &str) {
    assert!(metrics.contains("stakis_database_up 1\n") && metrics.contains("stakis_jobs_waiting 0\n"), "{metrics}");
}

fn assert_failures_rise(before: &str, [first, second]: &[String; 2]) {
    let failures = |text: &str| -> i64 {
        let lines = text.lines().filter(|line| line.starts_with("stakis_database_failures_total{"));
        lines.map(|line| line.rsplit_once(' ').unwrap().1.parse::<i64>().unwrap()).sum()
    };
    assert!(failures(first) > failures(before) && failures(second) > failures(first), "{first}\n{second}");
    let not_ready = |text: &str| {
        value(text, "stakis_readiness_failures_total") - value(before, "stakis_readiness_failures_total")
    };
    assert_eq!((not_ready(first), not_ready(second)), (1, 2));
}

async fn op_06_jobs_are_counted_by_kind_state_and_urgency(app: &TestApp) {
    app.may_leave_jobs();
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.advance(TimeDelta::seconds(90));
    let text = metrics(app).await;
    assert_eq!(value(&text, r#"stakis_jobs{kind="issue_reset_link",state="due",urgency="at_once"}"#), 1, "{text}");
    let oldest =
        value(&text, r#"stakis_jobs_oldest_seconds{kind="issue_reset_link",state="due",urgency="at_once"}"#);
    assert!((89..=90).contains(&oldest), "{oldest}");
    app.mail_api.answer_with(wiremock::ResponseTemplate::new(503)).await;
    app.deliver_all().await;
    let text = metrics(app).await;
    assert_eq!(value(&text, r#"stakis_jobs{kind="issue_reset_link",state="due",urgency="at_once"}"#), 0);
    assert_eq!(value(&text, r#"stakis_jobs{kind="send_mail",state="scheduled",urgency="at_once"}"#), 1, "{text}");
    assert_eq!(
        value(&text, r#"stakis_jobs_oldest_seconds{kind="send_mail",state="scheduled",urgency="at_once"}"#),
        0
    );
    assert_eq!(value(&text, "stakis_jobs_waiting"), 1);
}

/// More jobs wait than are counted at a look at the metrics. The oldest of each urgency is told all the same.
async fn op_06_a_count_of_what_waits_is_bounded(app: &TestApp) {
    let queue = |priority: i32, payload: &str, count: i64, due_at: UtcTime| {
        let rows = format!(
            "WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {count})"
        );
        execute(
            &app.database.url,
            &format!(
                "{rows} INSERT INTO jobs (id, payload, run_at, attempts, created_at, priority)
                 SELECT '{payload}' || n, '{{\"kind\":\"{payload}/1\"}}', '{due_at}', 0, '{due_at}', {priority} FROM counted"
            ),
        )
        .unwrap();
    };
    let now = app.app.clock.now();
    let at = |seconds| (now - TimeDelta::seconds(seconds)).trunc_subsecs(0);
    queue(0, "issue_reset_link", MOST_COUNTED + 2_000, at(10));
    queue(0, "send_mail", 1, at(70));
    queue(10, "send_mail ", 3, at(5_000));
    let text = metrics(app).await;
    let jobs = |name: &str, kind: &str, urgency: &str| {
        value(&text, &format!(r#"{name}{{kind="{kind}",state="due",urgency="{urgency}"}}"#))
    };
    assert_eq!(jobs("stakis_jobs", "issue_reset_link", "at_once"), MOST_COUNTED - 1, "{text}");
    assert_eq!(jobs("stakis_jobs", "send_mail", "at_once"), 1);
    assert_eq!(value(&text, "stakis_jobs_waiting"), MOST_COUNTED + 3);
    let oldest = |kind, urgency| jobs("stakis_jobs_oldest_seconds", kind, urgency);
    for (kind, urgency, seconds) in
        [("issue_reset_link", "at_once", 10), ("send_mail", "at_once", 70), ("other", "in_bulk", 5_000)]
    {
        let told = oldest(kind, urgency);
        assert!((seconds..=seconds + 1).contains(&told), "{kind} {urgency}: {told}");
    }
    execute(&app.database.url, "DELETE FROM jobs").unwrap();
}

async fn op_06_a_provider_of_mailboxes_that_begins_to_refuse_is_an_alarm(app: &TestApp) {
    accept_by_id(app).await;
    let customer = Customer { email: "delavnica@gmail.com", ..Customer::ANA };
    app.make(&customer).await;
    let deliveries =
        |result| format!(r#"stakis_mail_deliveries_total{{mailbox_provider="gmail.com",result="{result}"}}"#);
    let refuses = r#"stakis_mailbox_provider_refuses{mailbox_provider="gmail.com"}"#;
    let alarms = r#"stakis_alarms_total{alarm="mailbox_provider"}"#;
    let (_, first) = reset(app, &customer).await;
    app.advance(TimeDelta::seconds(20));
    let event = event_at(app.app.clock.now(), "arrived", &first, DeliveryKind::Delivered);
    // A report that comes twice counts once.
    for _ in 0..2 {
        record_delivery(&app.app, "mailpit", vec![event.clone()]).await.unwrap();
    }
    assert_eq!(app.counted(&deliveries("delivered")), 1);
    let within =
        |bound| format!(r#"stakis_mail_delivery_seconds_bucket{{mailbox_provider="gmail.com",le="{bound}"}}"#);
    assert_eq!((app.counted(&within("15")), app.counted(&within("60"))), (0, 1));
    // Reports of the mails of one hour, of which each is about another mail.
    let mails = forty_mails(app).await;
    for mail in &mails[..20] {
        take_bounce(app, mail, DeliveryKind::BouncedSoft, BounceCause::MailboxFull, None).await;
    }
    assert_eq!((app.counted(alarms), app.counted(refuses)), (0, 0), "full mailboxes speak against no provider");
    for mail in &mails[20..] {
        take_bounce(app, mail, DeliveryKind::BouncedSoft, BounceCause::Policy, None).await;
    }
    assert_eq!(app.counted(refuses), 1);
    assert_eq!(app.counted(alarms), 2, "from the twentieth report on, with the mail that arrived");
    assert_eq!(app.counted(&deliveries("bounced_soft")), 40);
}

/// Hands a mail over to each of forty customers with mailboxes at one provider.
async fn forty_mails(app: &TestApp) -> Vec<String> {
    let before: BTreeSet<String> = app.mail_rows().into_iter().map(|mail| mail.id).collect();
    for index in 0..40 {
        let number = format!("{}", 400_000 + index);
        let customer = Customer {
            number: number.leak(),
            email: format!("k{index}@gmail.com").leak(),
            password: Customer::ANA.password,
        };
        app.make(&customer).await;
        app.ask(customer.number).await.assert_status(202);
    }
    app.deliver_all().await;
    let after = app.mail_rows().into_iter().filter(|mail| mail.status == "handed_over").map(|mail| mail.id);
    let new: Vec<String> = after.filter(|id| !before.contains(id)).collect();
    assert_eq!(new.len(), 40);
    new
}

async fn lo_08_a_domain_of_few_accounts_is_no_label(app: &TestApp) {
    for index in 0..101 {
        let (number, domain) =
            (format!("{:06}", 300_000 + index), if index == 0 { "ana.si" } else { "podjetje.si" });
        let customer = Customer { number: number.leak(), email: format!("k{index}@{domain}").leak(), password: "" };
        app.create(&customer, Locale::Sl, None).await;
    }
    jobs::keep_house(&app.app).await;
    let text = metrics(app).await;
    assert!(text.contains(r#"stakis_mailbox_provider_refuses{mailbox_provider="podjetje.si"} 0"#), "{text}");
    assert!(!text.contains("ana.si"));
    app.may_leave_jobs();
}
