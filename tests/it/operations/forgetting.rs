//! Records that have served their purpose are deleted (DP-02).

use chrono::TimeDelta;
use stakis_identity::jobs;

use crate::support::{Customer, TestApp, database_tests};

database_tests![
    dp_02_requests_for_unknown_numbers_are_forgotten_in_three_days,
    dp_02_a_dead_link_is_forgotten_in_three_days_its_mail_in_a_month,
    dp_02_limits_and_proofs_are_forgotten_when_they_hold_nobody,
    dp_02_a_table_that_cannot_be_cleaned_up_raises_an_alarm_alone,
];

/// A flood of such requests is forgotten as well.
async fn dp_02_requests_for_unknown_numbers_are_forgotten_in_three_days(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await;
    for index in 0..250 {
        app.ask(&format!("{:06}", 900_000 + index)).await;
    }
    app.deliver_all().await;
    app.advance(TimeDelta::hours(71));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["mails"], 251);
    app.advance(TimeDelta::hours(2));
    jobs::keep_house(&app.app).await;
    let left = app.dump().counts();
    assert_eq!([left["mails"], left["reset_links"], left["reset_requests"]], [1, 1, 1]);
}

/// The token is deleted first; the mail stays for support.
async fn dp_02_a_dead_link_is_forgotten_in_three_days_its_mail_in_a_month(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.advance(TimeDelta::hours(71));
    jobs::keep_house(&app.app).await;
    app.verify(&token).await.assert_link_unusable("expired");
    app.advance(TimeDelta::hours(3));
    jobs::keep_house(&app.app).await;
    app.verify(&token).await.assert_link_unusable("unknown");
    assert_eq!(app.dump().counts()["mails"], 1, "support may still be asked");
    app.advance(TimeDelta::days(28));
    jobs::keep_house(&app.app).await;
    let left = app.dump().counts();
    assert_eq!([left["mails"], left["reset_links"], left["reset_requests"]], [0, 0, 0]);
}

async fn dp_02_limits_and_proofs_are_forgotten_when_they_hold_nobody(app: &TestApp) {
    let fill = "
        INSERT INTO rate_limits (key, empty_at) VALUES ('reset/32-64/00001', 1);
        INSERT INTO tried_numbers (key, customer_number, tried_at) VALUES ('reset/32-56/00001', '000001', '2020-01-01 00:00:00');
        INSERT INTO spent_proofs (id, expires_at) VALUES ('one', '2020-01-01 00:00:00');
        INSERT INTO pressure_reports (instance, reported_at, failing, succeeding, asking, level, level_until)
            VALUES ('gone', '2020-01-01 00:00:00', 1, 1, 1, 0, '2020-01-01 00:00:00')";
    crate::support::execute(&app.database.url, fill).unwrap();
    jobs::keep_house(&app.app).await;
    let left = app.dump().counts();
    for table in ["rate_limits", "tried_numbers", "spent_proofs", "pressure_reports"] {
        assert_eq!(left[table], 0, "{table}");
    }
}

async fn dp_02_a_table_that_cannot_be_cleaned_up_raises_an_alarm_alone(app: &TestApp) {
    let fill = "
        INSERT INTO mail_events (provider, event_id, received_at) VALUES ('resend', 'one', '2020-01-01 00:00:00');
        INSERT INTO spent_proofs (id, expires_at) VALUES ('one', '2020-01-01 00:00:00');
        ALTER TABLE mail_events RENAME TO hidden";
    crate::support::execute(&app.database.url, fill).unwrap();
    jobs::keep_house(&app.app).await;
    assert_eq!(app.counted(r#"stakis_upkeep_failures_total{task="mail_events"}"#), 1);
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="upkeep"}"#), 1);
    crate::support::execute(&app.database.url, "ALTER TABLE hidden RENAME TO mail_events").unwrap();
    let left = app.dump().counts();
    assert_eq!((left["spent_proofs"], left["mail_events"]), (0, 1));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["mail_events"], 0);
    assert_eq!(app.counted(r#"stakis_upkeep_failures_total{task="mail_events"}"#), 1);
}
