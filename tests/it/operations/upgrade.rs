//! A database that an earlier version filled is migrated, loses nothing, and the service works on it.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use diesel::{Connection as _, PgConnection, SqliteConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use secrecy::ExposeSecret as _;
use stakis_identity::config::DatabaseUrl;
use tokio::time::sleep;

use crate::support::{
    Customer, DirectConnection, Engine, MailApi, TestApp, TestDatabase, column, copy_rows, dump, engine_tests,
    execute, length, open_store, postgres_tests, text,
};

engine_tests![
    op_05_a_database_of_every_earlier_version_is_upgraded_and_serves,
    op_05_an_upgrade_keeps_when_suppressions_were_lifted,
    dp_04_an_upgrade_makes_one_of_addresses_that_capitals_tell_apart,
];

postgres_tests![
    op_05_an_index_whose_building_was_interrupted_is_built_again,
    op_05_an_index_is_built_beside_processes_that_wait_for_their_turn,
    op_05_a_migration_gives_way_to_the_transactions_of_requests,
];

/// The number of customers with rows in a short round, besides Ana and Bojan.
const CUSTOMERS: usize = 20;
/// The fifth migration rebuilds the first, since its rows are of no use after a few minutes. Triggers fill the second while
/// entries of the trail are copied, and a migration fills it with those that were there before.
const NOT_KEPT: [&str; 2] = ["rate_limits", "audit_unsealed"];

async fn op_05_a_database_of_every_earlier_version_is_upgraded_and_serves(engine: Engine) {
    let versions = fs::read_dir(folder_of(engine)).unwrap().count();
    let filled = Filled::start(engine).await;
    // A short round has the first, the last and some between them.
    let is_chosen = |version: &usize| length() > 1 || version % 4 == 1 || version + 1 == versions;
    for version in (1..versions).filter(is_chosen) {
        let database = TestDatabase::empty(engine);
        migrate_up_to(engine, &database.url, version);
        let mut rows = copy_rows(&filled.app.database.url, &database.url, &NOT_KEPT);
        assert!(rows["accounts"] > CUSTOMERS && rows["audit_events"] > CUSTOMERS && rows["jobs"] == 1);
        assert_eq!(open_store(&database.url).migrate().unwrap(), versions - version);
        let mut kept: BTreeMap<&str, usize> = dump(&database.url).counts();
        let waiting = kept.remove("audit_unsealed");
        assert_eq!(waiting, Some(rows["audit_events"]), "each entry waits for its seal once");
        kept.retain(|_, count| *count > 0);
        rows.retain(|_, count| *count > 0);
        assert_eq!(kept, rows, "after {version} of {versions} migrations");
        Box::pin(filled.serves_on(database, rows.contains_key("refresh_tokens"))).await;
    }
}

/// The audit trail told it until then.
async fn op_05_an_upgrade_keeps_when_suppressions_were_lifted(engine: Engine) {
    let database = TestDatabase::empty(engine);
    migrate_up_to(engine, &database.url, 7);
    let account = |id: &str, email: &str| {
        format!(
            "INSERT INTO accounts (id, customer_number, email, locale, created_at)
             VALUES ('{id}', '{id}', {email}, 'sl', '2026-01-01 00:00:00');"
        )
    };
    let lifted = |id: &str, at: &str, event: &str| {
        format!(
            "INSERT INTO audit_events (id, occurred_at, event, actor, account_id)
             VALUES ('{id}{at}', '2026-11-{at} 00:00:00', '{event}', 'command line', '{id}');"
        )
    };
    let rows = [
        account("000001", "'ana@example.si'"),
        account("000002", "'bojan@example.si'"),
        account("000003", "NULL"),
        lifted("000001", "20", "mail_suppression_lifted"),
        lifted("000001", "22", "mail_suppression_lifted"),
        lifted("000002", "21", "user_closed"),
        lifted("000003", "21", "mail_suppression_lifted"),
    ];
    execute(&database.url, &rows.concat()).unwrap();
    open_store(&database.url).migrate().unwrap();
    assert_eq!(column(&database.url, "suppression_liftings", "address"), ["ana@example.si"]);
    assert!(column(&database.url, "suppression_liftings", "lifted_at")[0].starts_with("2026-11-22"));
}

async fn dp_04_an_upgrade_makes_one_of_addresses_that_capitals_tell_apart(engine: Engine) {
    let database = TestDatabase::empty(engine);
    migrate_up_to(engine, &database.url, 9);
    let rows = [
        ("Ana@example.si", "hard_bounce", "2026-11-20"),
        ("ana@example.si", "hard_bounce", "2026-11-21"),
        ("ANA@example.si", "complaint", "2026-11-19"),
    ]
    .map(|(address, reason, since)| {
        format!(
            "INSERT INTO suppressions (address, reason, since) VALUES ('{address}', '{reason}', '{since} 00:00:00');
             INSERT INTO suppression_liftings (address, lifted_at) VALUES ('{address}', '{since} 00:00:00');"
        )
    });
    execute(&database.url, &rows.concat()).unwrap();
    open_store(&database.url).migrate().unwrap();
    assert_eq!(column(&database.url, "suppressions", "address"), ["ana@example.si"; 2]);
    let since = column(&database.url, "suppressions", "since");
    assert!(since.iter().any(|since| since.starts_with("2026-11-21")), "{since:?}");
    assert!(column(&database.url, "suppression_liftings", "lifted_at")[0].starts_with("2026-11-21"));
}

async fn op_05_an_index_whose_building_was_interrupted_is_built_again(engine: Engine) {
    let database = TestDatabase::empty(engine);
    migrate_up_to(engine, &database.url, 10);
    let interrupted = "CREATE INDEX mails_by_recipient_key ON mails (recipient_key, created_at);
         UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'mails_by_recipient_key'::regclass";
    execute(&database.url, interrupted).unwrap();
    open_store(&database.url).migrate().unwrap();
    let valid = "DO $$ BEGIN ASSERT (SELECT indisvalid FROM pg_index
         WHERE indexrelid = 'mails_by_recipient_key'::regclass), 'not valid'; END $$";
    execute(&database.url, valid).unwrap();
}

/// The transaction of a request has `accounts` and wants `devices`, while the migration has `devices` and wants `accounts`.
/// The server would end one of them. Another request needs `devices` alone, and waits behind the migration.
async fn op_05_a_migration_gives_way_to_the_transactions_of_requests(engine: Engine) {
    const DEVICES_AND_ACTIVITY: usize = 17;
    let database = TestDatabase::empty(engine);
    migrate_up_to(engine, &database.url, DEVICES_AND_ACTIVITY - 1);
    let store = open_store(&database.url);
    let mut request = DirectConnection::open(&database.url);
    request.execute("BEGIN; LOCK TABLE accounts IN ROW EXCLUSIVE MODE").unwrap();
    let migrated = tokio::task::spawn_blocking(move || store.migrate());
    let mut other = DirectConnection::open(&database.url);
    let mut waited = Duration::ZERO;
    for _ in 0..6 {
        sleep(Duration::from_millis(300)).await;
        let asked = Instant::now();
        other.execute("SELECT count(*) FROM devices").unwrap();
        waited = waited.max(asked.elapsed());
    }
    assert!(waited > Duration::from_millis(100), "the migration has kept nobody waiting: {waited:?}");
    assert!(waited < Duration::from_secs(1), "{waited:?}");
    assert!(!migrated.is_finished());
    request.execute("SELECT count(*) FROM devices; COMMIT").unwrap();
    migrated.await.unwrap().unwrap();
    other.execute("SELECT name FROM devices").unwrap();
}

/// `PostgreSQL` would take them for deadlocked, if one waited inside the server.
async fn op_05_an_index_is_built_beside_processes_that_wait_for_their_turn(engine: Engine) {
    let database = TestDatabase::empty(engine);
    let migrated = futures_util::future::join_all((0..4).map(|_| {
        let store = open_store(&database.url);
        tokio::task::spawn_blocking(move || store.migrate())
    }))
    .await;
    let mut counts: Vec<usize> = migrated.into_iter().map(|count| count.unwrap().unwrap()).collect();
    counts.sort_unstable();
    assert_eq!(counts[..3], [0; 3]);
    assert!(counts[3] > 0);
}

fn folder_of(engine: Engine) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "migrations", engine.as_str()].iter().collect()
}

/// Runs the first migrations only, as an earlier version did.
fn migrate_up_to(engine: Engine, url: &DatabaseUrl, version: usize) {
    let migrations = FileBasedMigrations::from_path(folder_of(engine)).unwrap();
    for _ in 0..version {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                connection.run_next_migration(migrations.clone()).unwrap();
            }
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url.expose_secret()).unwrap();
                connection.run_next_migration(migrations.clone()).unwrap();
            }
        }
    }
}

/// A service that has been used. Its tables hold what an earlier version would have left, as far as that version had
/// the columns.
struct Filled {
    app: TestApp,
    refresh_token: String,
}

impl Filled {
    async fn start(engine: Engine) -> Self {
        let app = TestApp::start(engine).await;
        for index in 0..CUSTOMERS * length() {
            let (number, email) = (format!("{:06}", 200_000 + index), format!("kupec{index}@example.si"));
            let customer = Customer { number: number.leak(), email: email.leak(), password: "Poletne-gume-26" };
            app.make(&customer).await;
            let token = app.token_for(&customer).await;
            app.complete(&token, customer.number, "Zimske-gume-27").await.assert_status(200);
            app.sign_in(customer.number, "Zimske-gume-27").await.assert_status(201);
            app.sign_in(customer.number, "Ugibanje-26").await.assert_status(401);
            app.deliver_all().await;
        }
        app.make(&Customer::ANA).await;
        app.make(&Customer::BOJAN).await;
        let refresh_token = text(&app.session(&Customer::ANA).await, "refresh_token").to_owned();
        app.deliver_all().await;
        // The earlier version leaves a job to the later one.
        app.ask(Customer::BOJAN.number).await.assert_status(202);
        app.may_leave_jobs();
        Self { app, refresh_token }
    }

    /// Starts the service on the migrated copy and uses what the earlier version left.
    async fn serves_on(&self, database: TestDatabase, has_refresh_tokens: bool) {
        let mut config = self.app.config.clone();
        config.database.url = database.url.clone();
        let app = TestApp::start_on(database, config, self.app.clock.clone(), MailApi::start().await).await;
        app.session(&Customer::ANA).await;
        app.refresh(&self.refresh_token).await.assert_status(if has_refresh_tokens { 200 } else { 401 });
        app.deliver_all().await;
        let mails = app.mail_api.mails().await;
        let reset =
            mails.iter().find(|mail| mail.to() == Customer::BOJAN.email).expect("the queued job makes a mail");
        app.complete(&reset.token(), Customer::BOJAN.number, "Zimske-gume-27").await.assert_status(200);
        app.deliver_all().await;
    }
}
