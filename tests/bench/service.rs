//! The released service on a database with many customers.

use std::{
    env,
    ffi::OsString,
    io::Write as _,
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use data_encoding::BASE64;
use diesel::{
    Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _, sql_query,
};
use reqwest::{Client, Method};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use stakis_identity::{
    config::{Argon2Config, DatabaseUrl, SecretKeyBytes},
    crypto::{HashCaller, Keyring, PasswordHasher},
    store::Database,
    types::{Password, SystemClock, random_bytes},
};
use tempfile::TempDir;

use super::{
    empty_database::EmptyDatabase,
    filling::{Customer, fill, queue_mails},
    process,
};

/// The password of every customer.
pub(super) const PASSWORD: &str = "Poletne-gume-26";

/// The database to measure on.
pub(super) enum Engine {
    Sqlite,
    /// A server on which databases may be made.
    Postgres(url::Url),
}

impl Engine {
    #[expect(clippy::disallowed_methods, reason = "the one setting of the tests")]
    pub(super) fn available() -> Vec<Self> {
        let server = env::var("STAKIS_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty());
        [Self::Sqlite].into_iter().chain(server.map(|url| Self::Postgres(url.parse().unwrap()))).collect()
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

#[derive(diesel::QueryableByName)]
struct Backend {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pid: i32,
}

/// A running service. Dropping it ends the service and removes its database.
pub(super) struct Service {
    pub(super) client: Client,
    pub(super) pid: u32,
    /// The id of PostgreSQL's first process.
    pub(super) postmaster: Option<u32>,
    pub(super) url: url::Url,
    child: Child,
    environment: Vec<(OsString, OsString)>,
    server: Option<(PgConnection, String)>,
    database_url: DatabaseUrl,
    _folder: TempDir,
}

impl Service {
    /// Starts the service with these customers. The first `mails` of them wait for a reset mail.
    pub(super) async fn start(
        engine: &Engine,
        customers: Vec<Customer>,
        mails: usize,
        settings: &[(&str, &str)],
    ) -> Self {
        Self::start_filled(engine, customers, mails, settings, &[]).await
    }

    /// Starts the service as [`Self::start`] does, after these statements have filled its database. Each runs alone.
    pub(super) async fn start_filled(
        engine: &Engine,
        customers: Vec<Customer>,
        mails: usize,
        settings: &[(&str, &str)],
        statements: &[String],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let EmptyDatabase { url: database_url, text: url_text, server } =
            EmptyDatabase::make(engine, folder.path());
        let database = Database::new(&database_url.clone().into(), Arc::new(SystemClock::default()));
        database.migrate().unwrap();
        let secret_key = SecretString::from(BASE64.encode(&random_bytes::<32>()));
        let secret_key_id = id_of(&secret_key);
        fill(&database, customers).await;
        queue_mails(&database, secret_key_id, mails).await;
        drop(database);
        let mut server = server;
        let postmaster = server.as_mut().map(|(server, _)| {
            let backend: Backend = sql_query("SELECT pg_backend_pid() AS pid").get_result(server).unwrap();
            process::parent_of(backend.pid.try_into().unwrap())
        });
        // The port is free now, and the service takes it a moment later.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let named = |name: &str, value: OsString| (OsString::from(name), value);
        let environment: Vec<_> = [
            named("STAKIS_LISTEN", format!("127.0.0.1:{port}").into()),
            named("STAKIS_DATA_DIR", folder.path().into()),
            named("STAKIS_SECRET_KEY", secret_key.expose_secret().into()),
            named("STAKIS_DATABASE_URL", url_text.into()),
            // Measurements of mails overwrite this address.
            named("STAKIS_MAIL_API_URL", "http://127.0.0.1:9".into()),
            named("RUST_LOG", "warn".into()),
        ]
        .into_iter()
        // The service allocates memory as the bare loop does.
        .chain(env::var_os("GLIBC_TUNABLES").map(|value| named("GLIBC_TUNABLES", value)))
        .chain(settings.iter().map(|(name, value)| named(name, value.into())))
        .collect();
        for statement in statements {
            execute(&database_url, statement);
        }
        let child = serve(&environment);
        let client = Client::builder().no_proxy().user_agent("Benchmark Linux").build().unwrap();
        let url: url::Url = format!("http://127.0.0.1:{port}").parse().unwrap();
        let pid = child.id();
        let service =
            Self { client, pid, postmaster, url, child, environment, server, database_url, _folder: folder };
        service.wait_until_ready(Duration::from_millis(20)).await;
        service
    }

    /// Asks for readiness at this interval until the service is ready.
    async fn wait_until_ready(&self, interval: Duration) {
        let started = Instant::now();
        let address = self.url.join("/readyz").unwrap();
        while self.client.get(address.clone()).send().await.map_or(0, |answer| answer.status().as_u16()) != 200 {
            assert!(started.elapsed() < Duration::from_secs(30), "the service does not get ready");
            tokio::time::sleep(interval).await;
        }
    }

    /// Ends the service by SIGTERM and starts it on the same database. Returns the time from its start to its first 200
    /// of `/readyz`.
    pub(super) async fn restart(&mut self) -> Duration {
        assert!(Command::new("kill").args(["-TERM", &self.pid.to_string()]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "the service ends in order");
        let started = Instant::now();
        self.child = serve(&self.environment);
        self.pid = self.child.id();
        self.wait_until_ready(Duration::from_millis(1)).await;
        started.elapsed()
    }

    /// Runs another command of the service with its settings, and returns what it answers in JSON.
    pub(super) fn command(&self, words: &[&str], input: &str) -> Value {
        let mut child =
            program(&self.environment).args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{words:?} fails");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A connection to the database beside the service, where it is PostgreSQL.
    pub(super) fn postgres(&self) -> Option<PgConnection> {
        match &self.database_url {
            DatabaseUrl::Sqlite(_) => None,
            DatabaseUrl::Postgres(url) => Some(PgConnection::establish(url.expose_secret()).unwrap()),
        }
    }

    /// The database, beside the service.
    pub(super) fn database(&self) -> Database {
        Database::new(&self.database_url.clone().into(), Arc::new(SystemClock::default()))
    }

    /// Runs statements on the database, beside the service.
    pub(super) fn execute(&self, statements: &str) {
        execute(&self.database_url, statements);
    }

    /// The number of rows of a table, with or without a condition.
    pub(super) fn rows(&self, of: &str) -> u32 {
        let count = sql_query(format!("SELECT count(*) AS count FROM {of}"));
        let rows: Count = match &self.database_url {
            DatabaseUrl::Sqlite(path) => {
                count.get_result(&mut SqliteConnection::establish(path.to_str().unwrap()).unwrap()).unwrap()
            }
            DatabaseUrl::Postgres(url) => {
                count.get_result(&mut PgConnection::establish(url.expose_secret()).unwrap()).unwrap()
            }
        };
        rows.count.try_into().unwrap()
    }

    /// Makes one call and returns its status.
    pub(super) async fn post(&self, path: &str, body: &Value) -> u16 {
        self.post_from("127.0.0.1", path, body).await
    }

    /// Makes one call on behalf of a source, for a service that trusts this machine as a proxy.
    pub(super) async fn post_from(&self, source: &str, path: &str, body: &Value) -> u16 {
        let answer = self.send_from(source, path, body).await;
        let status = answer.status().as_u16();
        answer.bytes().await.unwrap();
        status
    }

    /// Makes one call on behalf of a source and returns the body of the answer.
    pub(super) async fn post_json_from(&self, source: &str, path: &str, body: &Value) -> Value {
        self.send_from(source, path, body).await.json().await.unwrap()
    }

    async fn send_from(&self, source: &str, path: &str, body: &Value) -> reqwest::Response {
        let request = self.client.request(Method::POST, self.url.join(path).unwrap()).json(body);
        request.header("x-forwarded-for", source).send().await.expect("the service answers")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some((server, name)) = &mut self.server {
            drop(sql_query(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).execute(server));
        }
    }
}

/// Runs statements on a database.
fn execute(database: &DatabaseUrl, statements: &str) {
    match database {
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            connection.batch_execute(&format!("PRAGMA busy_timeout = 60000; {statements}")).unwrap();
        }
        DatabaseUrl::Postgres(url) => {
            PgConnection::establish(url.expose_secret()).unwrap().batch_execute(statements).unwrap();
        }
    }
}

/// The program with these settings alone.
fn program(environment: &[(OsString, OsString)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stakis-identity"));
    command.env_clear().envs(environment.iter().map(|(name, value)| (name, value))).stderr(Stdio::inherit());
    command
}

fn serve(environment: &[(OsString, OsString)]) -> Child {
    program(environment).arg("serve").spawn().unwrap()
}

fn id_of(secret_key: &SecretString) -> String {
    Keyring::new(&SecretKeyBytes::parse(secret_key).unwrap(), None).unwrap().current_id().to_owned()
}

/// The cost of one hash in a measurement.
#[derive(Clone, Copy)]
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) iterations: u32,
}

/// The default cost of the service.
pub(super) const DEFAULT_COST: Cost = Cost { memory_kib: 19_456, iterations: 2 };

impl Cost {
    /// The stored form of [`PASSWORD`] at this cost.
    pub(super) async fn hash(self) -> String {
        let Self { memory_kib, iterations } = self;
        let config = Argon2Config { memory_kib, iterations, parallelism: 1, concurrency: 1 };
        let hasher = PasswordHasher::new(&config).unwrap();
        hasher.hash(&Password::new(PASSWORD.to_owned()), HashCaller::stranger(None)).await.unwrap()
    }

    /// The hashes per second of a bare loop on this number of threads. Each thread reuses its working memory.
    pub(super) fn bare_hashes_per_second(self, threads: usize, duration: Duration) -> f64 {
        let params = Arc::new(Params::new(self.memory_kib, self.iterations, 1, Some(32)).unwrap());
        let loops: Vec<_> = (0..threads)
            .map(|_| {
                let params = params.clone();
                std::thread::spawn(move || {
                    let mut blocks = vec![Block::default(); params.block_count()];
                    let (mut tag, mut count) = ([0; 32], 0_u32);
                    let started = std::time::Instant::now();
                    while started.elapsed() < duration {
                        Argon2::new(Algorithm::Argon2id, Version::V0x13, (*params).clone())
                            .hash_password_into_with_memory(PASSWORD.as_bytes(), &[7; 16], &mut tag, &mut blocks)
                            .unwrap();
                        count += 1;
                    }
                    f64::from(count) / started.elapsed().as_secs_f64()
                })
            })
            .collect();
        loops.into_iter().map(|one| one.join().unwrap()).sum()
    }
}
