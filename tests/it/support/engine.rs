//! A new, migrated database for each test.

use std::{
    env, fs,
    sync::{Arc, OnceLock},
};

use diesel::{
    Connection as _, PgConnection, QueryDsl as _, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _, sql_query,
};
use secrecy::SecretString;
use stakis_identity::{
    config::DatabaseUrl,
    store::Database,
    types::{SystemClock, random_below},
};
use tempfile::TempDir;

/// The database that a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// Whether tests can run on it on this machine.
    pub(crate) fn is_there(self) -> bool {
        self == Self::Sqlite || server_url().is_some()
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// The address `postgres://user:password@host:port`, without the name of a database.
#[expect(clippy::disallowed_methods, reason = "the one setting of the tests")]
fn server_url() -> Option<String> {
    let url = env::var("STAKIS_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())?;
    let mut url = url::Url::parse(&url).expect("STAKIS_TEST_DATABASE_URL is a URL");
    url.set_path("");
    Some(url.to_string().trim_end_matches('/').to_owned())
}

/// The store over a database, on the machine's clock.
pub(crate) fn open_store(url: &DatabaseUrl) -> Database {
    Database::new(&url.clone().into(), Arc::new(SystemClock::default()))
}

/// A database that is removed when the test ends.
pub(crate) struct TestDatabase {
    pub(crate) url: DatabaseUrl,
    /// The address as text, for `STAKIS_DATABASE_URL`.
    pub(crate) url_text: String,
    folder: Option<TempDir>,
    name: Option<String>,
}

impl TestDatabase {
    /// A migrated database. On PostgreSQL it is a copy of a template that is made once.
    pub(crate) fn migrated(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let database = Self::empty(engine);
                open_store(&database.url).migrate().unwrap();
                database
            }
            Engine::Postgres => Self::create_postgres(&format!("TEMPLATE {}", template())),
        }
    }

    /// A copy with every row. Nobody may be connected to the original: on PostgreSQL who still is gets disconnected.
    pub(crate) fn copy(&self) -> Self {
        if let Some(name) = &self.name {
            on_server(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
            return Self::create_postgres(&format!("TEMPLATE {name}"));
        }
        let copy = Self::empty(Engine::Sqlite);
        let (DatabaseUrl::Sqlite(from), DatabaseUrl::Sqlite(to)) = (&self.url, &copy.url) else {
            panic!("a database without a name is a file")
        };
        let mut file = SqliteConnection::establish(from.to_str().unwrap()).unwrap();
        file.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        drop(file);
        fs::copy(from, to).unwrap();
        copy
    }

    /// A database without any table.
    pub(crate) fn empty(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("stakis.db");
                let url_text = format!("sqlite:{}", path.display());
                Self { url: DatabaseUrl::Sqlite(path), url_text, folder: Some(folder), name: None }
            }
            Engine::Postgres => Self::create_postgres(""),
        }
    }

    fn create_postgres(options: &str) -> Self {
        let name = format!("stakis_test_{}_{}", std::process::id(), random_below(u64::MAX));
        on_server(&format!("CREATE DATABASE {name} {options}"));
        let url_text = format!("{}/{name}", server_url().unwrap());
        let url = DatabaseUrl::Postgres(SecretString::from(url_text.clone()));
        Self { url, url_text, folder: None, name: Some(name) }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
        drop(self.folder.take());
    }
}

fn server() -> PgConnection {
    PgConnection::establish(&format!("{}/postgres", server_url().unwrap())).expect("the test server answers")
}

fn on_server(statement: &str) {
    sql_query(statement).execute(&mut server()).unwrap();
}

diesel::table! {
    pg_database (datname) {
        datname -> Text,
    }
}

/// The database that others are copied from. Its name holds a checksum of the migrations, so that a changed migration
/// gets a new template. Each test is a process of its own, so a lock on the server lets one of them make it.
fn template() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres");
        let mut files: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("up.sql")).collect();
        files.sort();
        let migrations: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        let sum = migrations.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let name = format!("stakis_template_{sum:x}");
        let mut server = server();
        sql_query("SELECT pg_advisory_lock(20261122)").execute(&mut server).unwrap();
        let exists: i64 = pg_database::table
            .filter(diesel::ExpressionMethods::eq(pg_database::datname, &name))
            .count()
            .get_result(&mut server)
            .unwrap();
        if exists == 0 {
            let unfinished = format!("{name}_unfinished");
            sql_query(format!("DROP DATABASE IF EXISTS {unfinished}")).execute(&mut server).unwrap();
            sql_query(format!("CREATE DATABASE {unfinished}")).execute(&mut server).unwrap();
            let url = SecretString::from(format!("{}/{unfinished}", server_url().unwrap()));
            open_store(&DatabaseUrl::Postgres(url)).migrate().unwrap();
            sql_query(format!("ALTER DATABASE {unfinished} RENAME TO {name}")).execute(&mut server).unwrap();
        }
        // The lock ends with the connection.
        name
    })
}
