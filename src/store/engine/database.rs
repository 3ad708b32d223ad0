//! Access to the database. A call takes a permit, a thread that may block, a connection and, for most calls, a
//! transaction.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use diesel::{
    ConnectionError,
    result::{DatabaseErrorKind, Error as DieselError},
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
    time,
};

use super::{connection::AnyConnection, transaction::Transaction};
use crate::{
    config::DatabaseUrl,
    types::{Clock, Fault},
};

const CONNECTIONS: u32 = 8;
/// How long a request waits for a permit, and then for a connection, before it fails as unavailable.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection that worked within this time is not tested before its next use: under load that would be one more round
/// trip for each request. A connection whose last work failed is tested.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Why a query failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused the query, or cannot be reached.
    #[error("query failed")]
    Query(#[from] DieselError),
    /// A value cannot be brought into the form that it is stored in.
    #[error("value cannot be stored")]
    Unwritable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No connection was free within a few seconds.
    #[error("no connection: {0}")]
    NoConnection(String),
    /// The task of the query was cancelled or panicked.
    #[error("database task ended early")]
    Aborted,
}

impl StoreError {
    /// Whether an insert met a row with the same unique value.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Query(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        use DatabaseErrorKind as Kind;
        let doing = "using the database";
        match &error {
            // A locked, full, read-only or vanished database reports itself as one of these. So does a query that
            // PostgreSQL does not understand, which a table of another version alone could cause.
            StoreError::NoConnection(_)
            | StoreError::Query(
                DieselError::DatabaseError(
                    Kind::Unknown
                    | Kind::ClosedConnection
                    | Kind::UnableToSendCommand
                    | Kind::SerializationFailure
                    | Kind::ReadOnlyTransaction,
                    _,
                )
                | DieselError::BrokenTransactionManager
                | DieselError::RollbackErrorOnCommit { .. },
            ) => Self::unavailable(doing, error),
            _ => Self::internal(doing, error),
        }
    }
}

/// A pool of connections to either database. A clone is cheap.
#[derive(Clone)]
pub struct Database {
    pool: diesel::r2d2::Pool<Manager>,
    url: DatabaseUrl,
    readers: Arc<Semaphore>,
    writers: Arc<Semaphore>,
    threads: Arc<Threads>,
    clock: Arc<dyn Clock>,
}

/// Threads that may block, one for each connection. They have a name, so that the processor time of the database can be
/// told from the rest.
struct Threads(Option<Runtime>);

impl Threads {
    fn new() -> Self {
        // The runtime is there for its threads: nothing is ever polled on it.
        let threads = usize::try_from(CONNECTIONS).unwrap_or(1);
        let runtime = Builder::new_current_thread().thread_name("database").max_blocking_threads(threads).build();
        Self(runtime.ok())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Waiting for the threads here could block a thread that must not block.
            runtime.shutdown_background();
        }
    }
}

/// A connection and the time of its last success; `None` after a failure, which may have been the connection's.
struct Pooled {
    connection: AnyConnection,
    served_at: Option<Instant>,
}

struct Manager {
    url: DatabaseUrl,
    /// The inode of the SQLite file that the first connection opened.
    inode: OnceLock<u64>,
}

impl Manager {
    /// Whether the path still leads to the same file. Open connections go on writing into a file that was deleted or
    /// moved away, and nobody would ever read that again.
    fn file_is_in_place(&self) -> bool {
        let DatabaseUrl::Sqlite(path) = &self.url else { return true };
        fs::metadata(path).is_ok_and(|file| *self.inode.get_or_init(|| file.ino()) == file.ino())
    }
}

impl diesel::r2d2::ManageConnection for Manager {
    type Connection = Pooled;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Pooled, ConnectionError> {
        if !self.file_is_in_place() {
            return Err(ConnectionError::BadConnection("the database file is gone or another one".to_owned()));
        }
        Ok(Pooled { connection: AnyConnection::open(&self.url)?, served_at: Some(Instant::now()) })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), ConnectionError> {
        if !self.file_is_in_place() {
            return Err(ConnectionError::BadConnection("the database file is gone or another one".to_owned()));
        }
        if pooled.served_at.is_some_and(|served_at| served_at.elapsed() < TRUSTED_FOR) {
            return Ok(());
        }
        pooled.connection.is_healthy().map_err(ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        std::thread::panicking() || pooled.connection.is_broken_for_good()
    }
}

/// r2d2 would log a failed connection by itself, with libpq's text: user, host and database in it.
#[derive(Debug)]
struct Silent;

impl diesel::r2d2::HandleError<ConnectionError> for Silent {
    fn handle_error(&self, _: ConnectionError) {}
}

impl Database {
    /// A pool that connects on first use; nothing is opened here. Transactions read `clock`.
    #[must_use]
    pub fn new(url: &DatabaseUrl, clock: Arc<dyn Clock>) -> Self {
        let (readers, writers) = match url {
            // SQLite has one writer at a time. Queueing here is fairer and cheaper than its busy loop.
            DatabaseUrl::Sqlite(_) => (Arc::new(Semaphore::new(7)), Arc::new(Semaphore::new(1))),
            DatabaseUrl::Postgres(_) => {
                let permits = Arc::new(Semaphore::new(8));
                (permits.clone(), permits)
            }
        };
        Self { pool: Self::pool(url), url: url.clone(), readers, writers, threads: Arc::new(Threads::new()), clock }
    }

    fn pool(url: &DatabaseUrl) -> diesel::r2d2::Pool<Manager> {
        diesel::r2d2::Pool::builder()
            .max_size(CONNECTIONS)
            .min_idle(Some(0))
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(Silent))
            .build_unchecked(Manager { url: url.clone(), inode: OnceLock::new() })
    }

    /// The address of the database.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Runs queries that only read, without a transaction, whose beginning and end would be two more round trips. Each
    /// query sees the data of its own moment.
    pub async fn query<T, E>(
        &self,
        query: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(self.readers.clone(), |connection, clock| query(&mut Transaction::begun(connection, clock))).await
    }

    /// Runs queries in one read-only transaction. They all see the data of the same moment.
    pub async fn read<T, E>(
        &self,
        queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(self.readers.clone(), |connection, clock| {
            in_transaction(connection, AnyConnection::begin_read, clock, queries)
        })
        .await
    }

    /// Runs queries in one transaction, which is committed when they succeed and rolled back when they fail.
    pub async fn write<T, E>(
        &self,
        queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(self.writers.clone(), |connection, clock| {
            in_transaction(connection, AnyConnection::begin_write, clock, queries)
        })
        .await
    }

    async fn run<T, E>(
        &self,
        permits: Arc<Semaphore>,
        work: impl FnOnce(&mut AnyConnection, &dyn Clock) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let Ok(Ok(permit)) = time::timeout(PATIENCE, permits.acquire_owned()).await else {
            return Err(StoreError::NoConnection("all are in use".to_owned()).into());
        };
        let (pool, clock) = (self.pool.clone(), self.clock.clone());
        let Threads(Some(threads)) = self.threads.as_ref() else { return Err(StoreError::Aborted.into()) };
        let task = threads.spawn_blocking(move || {
            let mut pooled = pool.get().map_err(|error| StoreError::NoConnection(error.to_string()))?;
            let outcome = work(&mut pooled.connection, &*clock);
            pooled.served_at = outcome.is_ok().then(Instant::now);
            drop(pooled);
            // The permit is kept until here: an abandoned request must not release it while its query runs.
            drop(permit);
            outcome
        });
        task.await.unwrap_or_else(|_| Err(StoreError::Aborted.into()))
    }
}

fn in_transaction<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    begin: fn(&mut AnyConnection) -> Result<(), DieselError>,
    clock: &dyn Clock,
    queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    begin(connection).map_err(StoreError::from)?;
    match queries(&mut Transaction::begun(connection, clock)) {
        Ok(value) => {
            connection.commit().map_err(StoreError::from)?;
            Ok(value)
        }
        Err(error) => {
            // A failed rollback means that the connection is gone, which the first error tells.
            drop(connection.roll_back());
            Err(error)
        }
    }
}
