//! A job that fails within the service for two weeks is given up: its mail says so, and support reads it.

use chrono::TimeDelta;

use crate::support::{
    Customer, TestApp, database_tests,
    diagnosis::{codes, diagnosis, events},
    execute, issue_link_only,
};

database_tests![
    ml_01_a_mail_whose_job_is_given_up_ends_and_support_is_told,
    ml_01_a_mail_that_arrived_and_whose_job_is_given_up_was_handed_over,
];

/// Queues a mail whose job fails: a later version has written a word that this one does not know into a row that the mail
/// concerns.
async fn queue_a_mail_that_fails(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await.assert_status(202);
    issue_link_only(&app.app).await;
    set_cause(app, "'of a later version'");
    for days in [1, 12] {
        app.deliver_all().await;
        assert_eq!(app.only_mail().status, "queued");
        app.advance(TimeDelta::days(days));
    }
    app.deliver_all().await;
    assert_eq!((app.only_mail().status.as_str(), app.job_rows().len()), ("queued", 1), "two weeks are not over");
}

fn set_cause(app: &TestApp, cause: &str) {
    execute(&app.database.url, &format!("UPDATE reset_requests SET cause = {cause}")).unwrap();
}

async fn ml_01_a_mail_whose_job_is_given_up_ends_and_support_is_told(app: &TestApp) {
    queue_a_mail_that_fails(app).await;
    app.advance(TimeDelta::days(1));
    app.deliver_all().await;
    let mail = app.only_mail();
    assert_eq!((mail.status.as_str(), app.job_rows().len()), ("abandoned", 0));
    assert_eq!(mail.last_error, "abandoned: failed in this service");
    assert_eq!(app.column("reset_links", "mail_finished_at"), app.column("mails", "finished_at"));
    assert_eq!(app.counted(r#"stakis_mails_total{outcome="given_up",provider="none"}"#), 1);
    let line = app.audit().into_iter().find(|line| line.event == "mail_given_up").unwrap();
    assert_eq!(
        (line.detail.as_str(), line.customer_number.as_str()),
        ("abandoned: failed in this service", Customer::ANA.number)
    );

    // The version that knows the word can read the rows.
    set_cause(app, "NULL");
    let diagnosis = diagnosis(app).await;
    assert!(codes(&diagnosis).contains(&"mail_abandoned"), "{diagnosis:#}");
    assert!(events(&diagnosis).contains(&"mail_given_up"), "{diagnosis:#}");
    assert!(diagnosis.to_string().contains("ta storitev ga ni mogla poslati"), "{diagnosis:#}");
}

async fn ml_01_a_mail_that_arrived_and_whose_job_is_given_up_was_handed_over(app: &TestApp) {
    queue_a_mail_that_fails(app).await;
    execute(&app.database.url, "UPDATE mails SET delivery = 'delivered'").unwrap();
    app.advance(TimeDelta::days(1));
    app.deliver_all().await;
    assert_eq!((app.only_mail().status.as_str(), app.job_rows().len()), ("handed_over", 0));
    assert_eq!((app.events("mail_given_up"), app.events("mail_handed_over")), (0, 1));
}
