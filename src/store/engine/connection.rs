//! One connection, to either database.

use std::{fs, os::unix::fs::OpenOptionsExt as _, time::Duration};

use diesel::{
    Connection as _, ConnectionError, PgConnection, RunQueryDsl as _, SqliteConnection,
    connection::{AnsiTransactionManager, CacheSize, SimpleConnection as _, TransactionManager as _},
    r2d2::R2D2Connection as _,
    result::QueryResult,
    sql_query,
};
use secrecy::ExposeSecret as _;

use crate::config::{DatabaseConfig, DatabaseUrl};

/// How long SQLite waits while another process writes.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What every query on PostgreSQL relies on.
const POSTGRES_SETTINGS: [&str; 6] = [
    "TIME ZONE 'UTC'",
    "statement_timeout = '10s'",
    "lock_timeout = '5s'",
    // An instance may lose its power or its network within a transaction. The server would keep its locks until TCP
    // notices, on Linux for two hours.
    "idle_in_transaction_session_timeout = '10s'",
    // A prepared statement keeps its plan until the next ANALYZE of its tables. One that was planned while a table was
    // small would go on reading the table from end to end while it grows.
    "enable_seqscan = off",
    // The planner counts what is switched off as very dear, and would compile such plans.
    "jit = off",
];

/// What a connection is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    Read,
    /// What is written is on the disk once it is committed.
    Write,
    /// What is written is on the disk within a second after its commit (`PostgreSQL`: "Asynchronous Commit").
    Count,
}

#[derive(diesel::QueryableByName)]
struct ReadOnly {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

/// A connection to either database, which every query works with.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// A connection to a SQLite file.
    Sqlite(SqliteConnection),
    /// A connection to a PostgreSQL server.
    Postgres(PgConnection),
}

impl AnyConnection {
    /// Opens a connection, and creates the file of SQLite where there is none.
    pub(super) fn open_or_create(config: &DatabaseConfig) -> Result<Self, ConnectionError> {
        if let DatabaseUrl::Sqlite(path) = &config.url {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(|error| bad_connection(&error))?;
            }
            // The file is created here, so that its owner alone can read it, whatever the umask.
            let options = &mut fs::OpenOptions::new();
            options.create(true).append(true).mode(0o600).open(path).map_err(|error| bad_connection(&error))?;
        }
        Self::open(config)
    }

    /// Opens a connection with the session settings that every query relies on. The file of SQLite must exist: an empty
    /// one in the place of one that has vanished would look like a service without customers.
    pub(super) fn open(config: &DatabaseConfig) -> Result<Self, ConnectionError> {
        match &config.url {
            DatabaseUrl::Sqlite(path) => {
                fs::metadata(path).map_err(|error| bad_connection(&error))?;
                let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
                let milliseconds = SQLITE_BUSY_TIMEOUT.as_millis();
                // `INSERT OR REPLACE` fires a trigger on deletion only with recursive triggers.
                connection
                    .batch_execute(&format!("PRAGMA busy_timeout = {milliseconds};"))
                    .and_then(|()| {
                        connection.batch_execute(
                            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                             PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA recursive_triggers = ON;",
                        )
                    })
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Sqlite(connection))
            }
            DatabaseUrl::Postgres(url) => {
                // Before libpq does so: else OpenSSL frees its tables when the process ends, and a thread that is just
                // connecting makes it abort (OPENSSL_init_crypto(3), OPENSSL_INIT_NO_ATEXIT).
                openssl_sys::init();
                let mut connection = PgConnection::establish(url.expose_secret())?;
                if config.pooler {
                    // The next statement may reach another session of the server, which has not prepared it.
                    connection.set_prepared_statement_cache_size(CacheSize::Disabled);
                } else {
                    let settings = POSTGRES_SETTINGS.map(|setting| format!("SET {setting};")).concat();
                    connection.batch_execute(&settings).map_err(ConnectionError::CouldntSetupConfiguration)?;
                }
                Ok(Self::Postgres(connection))
            }
        }
    }

    /// Starts a transaction. Behind a connection pooler it brings the settings of the session with it.
    pub(super) fn begin(&mut self, intent: Intent, pooler: bool) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => {
                // Within a transaction the setting cannot be changed. In WAL mode a commit with `NORMAL` waits for no disk,
                // and the next one with `FULL` brings it there too.
                let synchronous = match intent {
                    Intent::Read => return AnsiTransactionManager::begin_transaction(connection),
                    Intent::Write => "PRAGMA synchronous = FULL",
                    Intent::Count => "PRAGMA synchronous = NORMAL",
                };
                connection.batch_execute(synchronous)?;
                // SQLite takes its write lock at once, since a transaction that reads first and writes later fails when
                // another one wrote in between.
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
            }
            Self::Postgres(connection) => {
                let begin = match intent {
                    Intent::Read => "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
                    Intent::Write => "BEGIN",
                    Intent::Count => "BEGIN; SET LOCAL synchronous_commit = off",
                };
                AnsiTransactionManager::begin_transaction_sql(connection, begin)?;
                if pooler {
                    let settings = POSTGRES_SETTINGS.map(|setting| format!("SET LOCAL {setting};")).concat();
                    connection.batch_execute(&settings)?;
                }
                Ok(())
            }
        }
    }

    /// Lets the statements of the present transaction, and the pauses between them, take as long as they need.
    pub(super) fn lift_time_limits(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(connection) => connection.batch_execute(
                "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;",
            ),
        }
    }

    pub(super) fn commit(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => AnsiTransactionManager::commit_transaction(connection),
            Self::Postgres(connection) => AnsiTransactionManager::commit_transaction(connection),
        }
    }

    pub(super) fn roll_back(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => AnsiTransactionManager::rollback_transaction(connection),
            Self::Postgres(connection) => AnsiTransactionManager::rollback_transaction(connection),
        }
    }

    /// Whether the connection answers, and leads to a server that can write: after a failover the one that it leads to may
    /// have become a reader.
    pub(super) fn check_fitness(&mut self) -> Result<(), ConnectionError> {
        match self {
            Self::Sqlite(connection) => connection.ping().map_err(ConnectionError::CouldntSetupConfiguration),
            Self::Postgres(connection) => {
                let read_only: ReadOnly = sql_query("SELECT current_setting('transaction_read_only') AS value")
                    .get_result(connection)
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                if read_only.value == "off" {
                    return Ok(());
                }
                Err(ConnectionError::BadConnection("the server only reads".to_owned()))
            }
        }
    }

    pub(super) fn is_broken_for_good(&mut self) -> bool {
        match self {
            Self::Sqlite(connection) => connection.is_broken(),
            Self::Postgres(connection) => connection.is_broken(),
        }
    }
}

fn bad_connection(error: &std::io::Error) -> ConnectionError {
    ConnectionError::BadConnection(error.to_string())
}
