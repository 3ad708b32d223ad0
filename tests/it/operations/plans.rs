//! The plans of queries on PostgreSQL.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::{Connection as _, PgConnection, RunQueryDsl as _, sql_query};
use reqwest::Method;
use secrecy::ExposeSecret as _;
use stakis_identity::config::DatabaseUrl;

use crate::support::{Customer, Engine, TestApp, execute, postgres_tests, text};

postgres_tests![op_09_no_request_and_no_job_reads_a_table_from_end_to_end,];

const NEW: &str = "Zimske-gume-27";

#[derive(Debug, diesel::QueryableByName)]
pub(crate) struct Scanned {
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) table_name: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub(crate) scans: i64,
}

/// A connection that has worked within this time is not tested before its next use (`src/store/engine/pool.rs`).
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// The scans of each table so far. A session reports them at its end, so all sessions are ended; the service notices once
/// its connections are old enough to be tested.
pub(crate) fn scans(url: &DatabaseUrl) -> Vec<Scanned> {
    let DatabaseUrl::Postgres(url) = url else { panic!("not PostgreSQL") };
    let mut connection = PgConnection::establish(url.expose_secret()).unwrap();
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sql_query(others).execute(&mut connection).unwrap();
    std::thread::sleep(TRUSTED_FOR + Duration::from_millis(100));
    sql_query("SELECT relname::text AS table_name, seq_scan AS scans FROM pg_stat_user_tables ORDER BY relname")
        .load(&mut connection)
        .unwrap()
}

/// The tables are small when the statements are planned, and the planner knows it: it would read them from end to end.
async fn op_09_no_request_and_no_job_reads_a_table_from_end_to_end(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    // What an instance reads once, at its start and at its first sign-in.
    app.session(&Customer::ANA).await;
    app.deliver_all().await;
    execute(&app.database.url, "ANALYZE").unwrap();
    let before = scans(&app.database.url);
    for round in 0..2 {
        app.advance(TimeDelta::hours(2));
        let password = if round % 2 == 0 { Customer::ANA.password } else { NEW };
        let next = if round % 2 == 0 { NEW } else { "Jesenske-gume-28" };
        let token = app.token_for(&Customer::ANA).await;
        app.verify(&token).await.assert_status(200);
        app.complete(&token, Customer::ANA.number, next).await.assert_status(200);
        app.sign_in(Customer::ANA.number, password).await.assert_problem(401, "invalid-credentials");
        let session = app.sign_in(Customer::ANA.number, next).await.json();
        let device = text(&session, "device_token");
        app.sign_in_from(device, Customer::ANA.number, password).await.assert_problem(401, "invalid-credentials");
        app.account(text(&session, "access_token")).await.assert_status(200);
        for path in ["/v1/account/activity", "/v1/sessions"] {
            app.call(Method::GET, path, text(&session, "access_token")).await.assert_status(200);
        }
        app.refresh(text(&session, "refresh_token")).await.assert_status(200);
        app.deliver_all().await;
    }
    let after = scans(&app.database.url);
    let read: Vec<String> = before
        .iter()
        .zip(&after)
        .filter(|(before, after)| after.scans > before.scans)
        .map(|(before, after)| format!("{}: {}", after.table_name, after.scans - before.scans))
        .collect();
    assert!(read.is_empty(), "{read:?}");
}
