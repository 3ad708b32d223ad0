//! A database that is locked, full or unreachable causes a 503. The process keeps running and recovers.

use std::{
    collections::BTreeMap,
    process::Command,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use secrecy::ExposeSecret as _;
use stakis_identity::{
    config::DatabaseUrl,
    store::{AnyConnection, StoreError, Transaction},
    types::{Fault, FaultKind},
};
use tokio::time;

use crate::support::{
    Customer, Engine, Serving, TestApp, TestDatabase, database_tests, engine_tests, execute, open_store,
    plain_tests,
};

/// Runs `while_out` while the database cannot be used.
pub(super) async fn with_outage<T>(app: &TestApp, while_out: impl Future<Output = T>) -> T {
    match &app.database.url {
        DatabaseUrl::Sqlite(path) => {
            let mut lock = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            lock.batch_execute("PRAGMA busy_timeout = 10000; BEGIN EXCLUSIVE").unwrap();
            let outcome = while_out.await;
            lock.batch_execute("COMMIT").unwrap();
            outcome
        }
        DatabaseUrl::Postgres(url) => {
            let (server, name) = url.expose_secret().rsplit_once('/').unwrap();
            let server = DatabaseUrl::Postgres(format!("{server}/postgres").into());
            execute(&server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).unwrap();
            execute(
                &server,
                &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
            )
            .unwrap();
            let outcome = while_out.await;
            execute(&server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).unwrap();
            until_ready(app).await;
            outcome
        }
    }
}

/// Runs `while_gone` while nobody gets an answer from the database, readers included. The file of `SQLite` is moved away,
/// and one that is no database takes its place.
pub(super) async fn with_database_gone<T>(app: &TestApp, while_gone: impl Future<Output = T>) -> T {
    let DatabaseUrl::Sqlite(path) = &app.database.url else { return with_outage(app, while_gone).await };
    let away = path.with_extension("away");
    std::fs::rename(path, &away).unwrap();
    std::fs::write(path, "this is no database").unwrap();
    let outcome = while_gone.await;
    std::fs::rename(&away, path).unwrap();
    outcome
}

/// For a second after a failed attempt to connect nobody tries again.
async fn until_ready(app: &TestApp) {
    for _ in 0..50 {
        if app.get("/readyz").await.status == 200 {
            return;
        }
        time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the service does not get ready");
}

database_tests![
    op_02_a_database_that_is_out_of_reach_is_a_503_and_comes_back,
    op_02_a_reset_that_meets_an_outage_can_be_sent_again,
    op_02_a_worker_that_meets_an_outage_loses_nothing,
    op_02_a_database_file_that_vanishes_is_a_503_until_it_is_back,
    op_02_without_its_tables_it_is_not_ready,
    op_01_readiness_costs_the_same_however_much_work_waits,
];

async fn op_02_a_database_that_is_out_of_reach_is_a_503_and_comes_back(app: &TestApp) {
    app.make(&Customer::ANA).await;
    with_outage(app, async {
        let answers = tokio::join!(
            app.ask(Customer::ANA.number),
            app.ask("999999"),
            app.sign_in(Customer::ANA.number, Customer::ANA.password)
        );
        for answer in [answers.0, answers.1, answers.2] {
            answer.assert_problem(503, "unavailable");
            assert_eq!(answer.header("retry-after"), "5");
        }
        app.get("/livez").await.assert_status(204);
    })
    .await;
    app.get("/readyz").await.assert_status(200);
    app.token_for(&Customer::ANA).await;
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
}

async fn op_02_a_reset_that_meets_an_outage_can_be_sent_again(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let answer = with_outage(app, app.complete(&token, Customer::ANA.number, "Zimske-gume-27")).await;
    answer.assert_problem(503, "unavailable");
    app.complete(&token, Customer::ANA.number, "Zimske-gume-27").await.assert_status(200);
    app.deliver_all().await;
}

async fn op_02_a_worker_that_meets_an_outage_loses_nothing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await;
    let outcome = with_outage(app, stakis_identity::jobs::run_all_due(&app.app)).await;
    assert_eq!(outcome.unwrap_err().kind(), FaultKind::Unavailable);
    app.advance(TimeDelta::seconds(61));
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn op_02_a_database_file_that_vanishes_is_a_503_until_it_is_back(app: &TestApp) {
    let DatabaseUrl::Sqlite(path) = &app.database.url else { return };
    app.make(&Customer::ANA).await;
    let away = path.with_extension("away");
    std::fs::rename(path, &away).unwrap();
    app.ask(Customer::ANA.number).await.assert_problem(503, "unavailable");
    assert!(!path.exists(), "no empty file takes its place");
    std::fs::rename(&away, path).unwrap();
    app.token_for(&Customer::ANA).await;
}

async fn op_02_without_its_tables_it_is_not_ready(app: &TestApp) {
    execute(&app.database.url, "ALTER TABLE jobs RENAME TO jobs_hidden").unwrap();
    app.get("/readyz").await.assert_problem(503, "unavailable");
    execute(&app.database.url, "ALTER TABLE jobs_hidden RENAME TO jobs").unwrap();
    app.get("/readyz").await.assert_status(200);
}

/// The median time of the health check.
async fn time_of_readiness(app: &TestApp) -> Duration {
    let mut times = Vec::new();
    for _ in 0..21 {
        let started = Instant::now();
        app.get("/readyz").await.assert_status(200);
        times.push(started.elapsed());
    }
    times.sort_unstable();
    times[10]
}

async fn op_01_readiness_costs_the_same_however_much_work_waits(app: &TestApp) {
    let before = time_of_readiness(app).await;
    let numbers = match &app.database.url {
        DatabaseUrl::Sqlite(_) => {
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 400000)
             SELECT n FROM numbers"
        }
        DatabaseUrl::Postgres(_) => "SELECT generate_series(1, 400000) AS n",
    };
    let fill = format!(
        "INSERT INTO jobs (id, payload, run_at, attempts, created_at, priority)
         SELECT 'job' || n, '{{}}', '2026-11-23 00:00:00', 0, '2026-11-22 00:00:00', 0 FROM ({numbers}) AS numbers"
    );
    execute(&app.database.url, &fill).unwrap();
    let after = time_of_readiness(app).await;
    assert!(after < before * 3 + Duration::from_millis(5), "{before:?}, then {after:?}");
    execute(&app.database.url, "DELETE FROM jobs").unwrap();
}

plain_tests![op_02_a_full_disk_is_a_503_and_room_made_is_enough,];

fn op_02_a_full_disk_is_a_503_and_room_made_is_enough() {
    tokio::runtime::Runtime::new().unwrap().block_on(fill_the_disk());
}

/// Fills the disk for the process: a limit forbids it to let a file grow, and is lifted again.
async fn fill_the_disk() {
    let database = TestDatabase::migrated(Engine::Sqlite);
    let serving =
        Serving::start(&database, &BTreeMap::from([("STAKIS_MAIL_API_URL", "http://127.0.0.1:9".to_owned())]));
    let limit = |bytes: &str| {
        let pid = serving.process.child.id().to_string();
        let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:")]).status();
        assert!(set.unwrap().success());
    };
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = serving.url.join("/v1/password-resets").unwrap();
    let ask = async |index: u32| {
        let body = serde_json::json!({ "customer_number": format!("{index:06}") });
        client.post(url.clone()).json(&body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask(0).await, 202);
    limit("262144");
    let mut refused = 0;
    for index in 1..400 {
        match ask(index).await {
            202 if refused == 0 => {}
            503 => refused += 1,
            other => panic!("request {index} was answered {other}, after {refused} refusals"),
        }
        if refused == 3 {
            break;
        }
    }
    assert_eq!(refused, 3);
    let live = client.get(serving.url.join("/livez").unwrap()).send().await.unwrap();
    assert_eq!(live.status(), 204);
    limit("unlimited");
    assert_eq!(ask(999_999).await, 202);
}

engine_tests![op_02_a_full_database_is_a_503,];

async fn op_02_a_full_database_is_a_503(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let store = open_store(&database.url);
    let outcome = store.write(|tx: &mut Transaction<'_>| -> Result<(), StoreError> {
        // A test cannot fill the disk, but both engines can be limited to a size.
        match tx.connection {
            AnyConnection::Sqlite(connection) => connection.batch_execute(
                "PRAGMA max_page_count = 1; CREATE TABLE filler (content BLOB); INSERT INTO filler VALUES (zeroblob(1000000))",
            )?,
            AnyConnection::Postgres(connection) => connection.batch_execute(
                "SET temp_file_limit = 64; SET work_mem = 64; SELECT count(*) FROM (SELECT g FROM generate_series(1, 500000) g ORDER BY md5(g::text)) s",
            )?,
        }
        Ok(())
    }).await;
    assert_eq!(Fault::from(outcome.unwrap_err()).kind(), FaultKind::Unavailable);
    // The same store keeps working.
    let jobs = store.read(stakis_identity::store::jobs::count).await.unwrap();
    assert_eq!(jobs, 0);
}
