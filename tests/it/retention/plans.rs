//! The upkeep finds what is past its time by indexes, and deletes it in small batches.

use chrono::TimeDelta;
use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection, sql_query, sql_types::Text};
use stakis_identity::{
    config::DatabaseUrl,
    identity::{PeriodicTask, upkeep::FORGETTING},
    jobs,
};

use super::history::History;
use crate::{
    operations::plans::scans,
    support::{Customer, Engine, TestApp, database_tests, engine_tests, execute},
};

engine_tests![dp_02_the_upkeep_reads_no_table_from_end_to_end];
database_tests![dp_02_a_batch_is_a_hundred_rows, dp_02_a_session_with_thousands_of_tokens_goes_in_several_batches,];

/// Tables that are read as a whole: they have one row for each instance, and for each key that is not retired.
const SMALL: [&str; 2] = ["pressure_reports", "signing_keys"];

fn task(name: &str) -> &'static PeriodicTask {
    FORGETTING.iter().find(|task| task.name == name).unwrap()
}

#[derive(diesel::QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The plan of a statement on SQLite.
fn plan(url: &DatabaseUrl, statement: &str) -> String {
    let DatabaseUrl::Sqlite(path) = url else { panic!("not SQLite") };
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(&mut connection).unwrap();
    steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("; ")
}

/// PostgreSQL counts what the statements of the upkeep read. SQLite tells the plan of the query for the oldest rows.
async fn dp_02_the_upkeep_reads_no_table_from_end_to_end(engine: Engine) {
    let history = History::of(engine).await;
    let app = history.app();
    app.may_leave_jobs();
    if engine == Engine::Sqlite {
        let read_whole = plan(&app.database.url, "SELECT id FROM mails WHERE status = 'queued'");
        assert!(read_whole.contains("SCAN mails"), "{read_whole}");
        for rows in FORGETTING.iter().map(|task| task.retention.unwrap().rows) {
            let (table, since, condition) = (rows.table(), rows.since(), rows.condition());
            let others = if condition.is_empty() { String::new() } else { format!(" AND {condition}") };
            let statement = format!("SELECT 1 FROM {table} WHERE {since} <= ?{others} ORDER BY {since} LIMIT 100");
            let plan = plan(&app.database.url, &statement);
            let is_small = SMALL.contains(&table);
            assert!(is_small || plan.starts_with(&format!("SEARCH {table} USING ")), "{statement}: {plan}");
        }
    } else {
        execute(&app.database.url, "ANALYZE").unwrap();
        // What an instance reads once, at its first round.
        jobs::keep_house(&app.app).await;
        let before = scans(&app.database.url);
        app.advance(TimeDelta::days(800));
        jobs::keep_house(&app.app).await;
        assert_eq!(app.counted(r#"stakis_alarms_total{alarm="upkeep"}"#), 0);
        let after = scans(&app.database.url);
        let read: Vec<&str> = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| after.scans > before.scans)
            .map(|(_, after)| after.table_name.as_str())
            .filter(|table| !SMALL.contains(table))
            .collect();
        assert!(read.is_empty(), "{read:?}");
    }
    history.desk.stop().await;
}

async fn dp_02_a_batch_is_a_hundred_rows(app: &TestApp) {
    let rows: Vec<String> =
        (0..250).map(|index| format!("('resend', 'event {index}', '2020-01-01 00:00:00')")).collect();
    let insert = format!("INSERT INTO mail_events (provider, event_id, received_at) VALUES {}", rows.join(", "));
    execute(&app.database.url, &insert).unwrap();
    for left in [150, 50, 0] {
        task("mail_events").run_batch(&app.app).await.unwrap();
        assert_eq!(app.dump().counts()["mail_events"], left);
    }
}

async fn dp_02_a_session_with_thousands_of_tokens_goes_in_several_batches(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    app.deliver_all().await;
    let session = app.column("sessions", "id").remove(0);
    let rows: Vec<String> = (2..=2_500)
        .map(|index| format!("('hash {index}', '{session}', {index}, '2026-11-22 13:00:00', 0, FALSE)"))
        .collect();
    let columns = "token_hash, session_id, generation, created_at, reissues, reissued_elsewhere";
    execute(&app.database.url, &format!("INSERT INTO refresh_tokens ({columns}) VALUES {}", rows.join(", ")))
        .unwrap();
    execute(&app.database.url, "UPDATE sessions SET ended_at = '2026-11-22 13:00:00', ended_because = 'idle'")
        .unwrap();
    app.advance(TimeDelta::days(4));
    for left in [(1, 1_500), (1, 500), (0, 0)] {
        task("sessions").run_batch(&app.app).await.unwrap();
        let counts = app.dump().counts();
        assert_eq!((counts["sessions"], counts["refresh_tokens"]), left);
    }
}
