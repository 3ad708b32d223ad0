//! One connection, to either database.

use std::{fs, os::unix::fs::OpenOptionsExt as _, time::Duration};

use diesel::{
    Connection as _, ConnectionError, PgConnection, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _},
    r2d2::R2D2Connection as _,
    result::QueryResult,
};
use secrecy::ExposeSecret as _;

use crate::config::DatabaseUrl;

/// How long SQLite waits while another process writes.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

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
    pub(super) fn open_or_create(url: &DatabaseUrl) -> Result<Self, ConnectionError> {
        if let DatabaseUrl::Sqlite(path) = url {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(|error| bad_connection(&error))?;
            }
            // The file is created here, so that its owner alone can read it, whatever the umask.
            let options = &mut fs::OpenOptions::new();
            options.create(true).append(true).mode(0o600).open(path).map_err(|error| bad_connection(&error))?;
        }
        Self::open(url)
    }

    /// Opens a connection with the session settings that every query relies on. The file of SQLite must exist: an empty
    /// one in the place of one that has vanished would look like a service without customers.
    pub(super) fn open(url: &DatabaseUrl) -> Result<Self, ConnectionError> {
        match url {
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
                let mut connection = PgConnection::establish(url.expose_secret())?;
                // The last setting is for an instance that loses its power or its network within a transaction: the
                // server would keep its locks until TCP notices, on Linux for two hours.
                connection
                    .batch_execute(
                        "SET TIME ZONE 'UTC'; SET statement_timeout = '10s'; SET lock_timeout = '5s'; \
                         SET idle_in_transaction_session_timeout = '10s';",
                    )
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Postgres(connection))
            }
        }
    }

    /// Starts a transaction that may write. SQLite takes its write lock at once, since a transaction
    /// that reads first and writes later fails when another one wrote in between.
    pub(super) fn begin_write(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => {
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
            }
            Self::Postgres(connection) => AnsiTransactionManager::begin_transaction(connection),
        }
    }

    pub(super) fn begin_read(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => AnsiTransactionManager::begin_transaction(connection),
            Self::Postgres(connection) => AnsiTransactionManager::begin_transaction_sql(
                connection,
                "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
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

    pub(super) fn is_healthy(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => connection.ping(),
            Self::Postgres(connection) => connection.ping(),
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
