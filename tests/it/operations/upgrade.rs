//! A database that an earlier version filled is migrated, loses nothing, and serves.

use std::{collections::BTreeMap, fs, path::PathBuf};

use diesel::{Connection as _, PgConnection, SqliteConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use secrecy::ExposeSecret as _;
use stakis_identity::config::DatabaseUrl;

use crate::support::{
    Customer, Engine, MailApi, TABLES, TestApp, TestDatabase, columns_of, engine_tests, execute, length,
    open_store, rows_in, text,
};

engine_tests![op_05_a_database_of_every_earlier_version_is_upgraded_and_serves];

/// How many customers, beside Ana and Bojan, have left rows in a short round.
const CUSTOMERS: usize = 20;
/// Rebuilt by the fifth migration, and of no use after a minute.
const NOT_KEPT: &str = "rate_limits";

async fn op_05_a_database_of_every_earlier_version_is_upgraded_and_serves(engine: Engine) {
    let versions = fs::read_dir(folder_of(engine)).unwrap().count();
    let filled = Filled::start(engine).await;
    for version in 1..versions {
        let database = TestDatabase::empty(engine);
        migrate_up_to(engine, &database.url, version);
        let rows = filled.copy_to(&database.url);
        let missing = open_store(&database.url).migrate().unwrap();
        assert_eq!(missing, versions - version);
        assert_eq!(rows, count_rows(&database.url, rows.keys()), "after {version} of {versions} migrations");
        filled.serves_on(database, rows.contains_key("refresh_tokens")).await;
    }
}

fn folder_of(engine: Engine) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "migrations", engine.as_str()].iter().collect()
}

/// Runs the first migrations only, as the version did that knew no others.
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

fn count_rows<'a>(
    url: &DatabaseUrl,
    tables: impl Iterator<Item = &'a &'static str>,
) -> BTreeMap<&'static str, usize> {
    tables.map(|table| (*table, rows_in(url, table, &["1"]).len())).collect()
}

/// A service that has been used: what its tables hold is what an earlier version would have left, as far as that had the
/// columns.
struct Filled {
    app: TestApp,
    refresh_token: String,
}

impl Filled {
    async fn start(engine: Engine) -> Self {
        let app = TestApp::start(engine).await;
        for index in 0..CUSTOMERS * length() {
            let (number, email) = (format!("{:06}", 200_000 + index), format!("kupec{index}@example.si"));
            let customer =
                Customer { number: number.leak(), email: email.leak(), password: Customer::ANA.password };
            app.make(&customer).await;
            let token = app.token_for(&customer).await;
            app.complete(&token, customer.number, "Zimske-gume-27").await;
            app.sign_in(customer.number, "Zimske-gume-27").await;
            app.sign_in(customer.number, "Ugibanje-26").await;
            app.deliver_all().await;
        }
        app.make(&Customer::ANA).await;
        app.make(&Customer::BOJAN).await;
        let refresh_token = text(&app.session(&Customer::ANA).await, "refresh_token").to_owned();
        app.deliver_all().await;
        // A job that the earlier version leaves to the later one.
        assert_eq!(app.ask(Customer::BOJAN.number).await.status, 202);
        app.may_leave_jobs();
        Self { app, refresh_token }
    }

    /// Copies every row, as far as there are columns for it, and returns how many rows each table got.
    fn copy_to(&self, url: &DatabaseUrl) -> BTreeMap<&'static str, usize> {
        let (here, there) = (columns_of(&self.app.database.url), columns_of(url));
        let mut copied = BTreeMap::new();
        for table in TABLES.into_iter().filter(|table| *table != NOT_KEPT && there.contains_key(*table)) {
            let names: Vec<&str> = here[table].iter().map(|column| column.name.as_str()).collect();
            let names: Vec<&str> =
                names.into_iter().filter(|name| there[table].iter().any(|column| column.name == *name)).collect();
            let rows = self.literals(table, &names);
            if !rows.is_empty() {
                let rows_text: Vec<String> = rows.iter().map(|row| format!("({})", row.join(", "))).collect();
                execute(
                    url,
                    &format!("INSERT INTO {table} ({}) VALUES {}", names.join(", "), rows_text.join(",\n")),
                )
                .unwrap();
            }
            copied.insert(table, rows.len());
        }
        assert!(copied["accounts"] > CUSTOMERS && copied["audit_events"] > CUSTOMERS && copied["jobs"] == 1);
        copied
    }

    /// The values of some columns as SQL writes them.
    fn literals(&self, table: &str, names: &[&str]) -> Vec<Vec<String>> {
        let url = &self.app.database.url;
        let quoted: Vec<String> = names
            .iter()
            .map(|name| match url {
                DatabaseUrl::Sqlite(_) => format!("quote({name})"),
                DatabaseUrl::Postgres(_) => format!("quote_nullable({name}::text)"),
            })
            .collect();
        rows_in(url, table, &quoted.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Starts the service on the migrated copy and uses what the earlier version left.
    async fn serves_on(&self, database: TestDatabase, has_refresh_tokens: bool) {
        let mut config = self.app.config.clone();
        config.database = database.url.clone();
        let app = TestApp::start_on(database, config, self.app.clock.clone(), MailApi::start().await).await;
        app.session(&Customer::ANA).await;
        let refreshed = app.refresh(&self.refresh_token).await;
        assert_eq!(refreshed.status, if has_refresh_tokens { 200 } else { 401 }, "{}", refreshed.text);
        assert_eq!(app.deliver_all().await, 2, "making the link and sending it");
        let token = app.mail_api.mails().await.last().unwrap().token();
        let completed = app.complete(&token, Customer::BOJAN.number, "Zimske-gume-27").await;
        assert_eq!(completed.status, 200, "{}", completed.text);
        app.deliver_all().await;
    }
}
