//! The pool of connections, and what makes a connection fit for its next use.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use diesel::{ConnectionError, r2d2::PooledConnection};
use tokio::{
    runtime::{Builder, Runtime},
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};

use super::{
    connection::{AnyConnection, Intent},
    store_error::StoreError,
};
use crate::{
    config::{DatabaseConfig, DatabaseUrl},
    metrics::ConnectionReading,
};

/// How long a request waits for a permit, and then for a connection, before it fails as unavailable.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a waiting request looks whether a connection could not be opened meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long nobody waits for a connection after one could not be opened.
const FAILS_FAST_FOR: Duration = Duration::from_secs(1);
/// A connection that worked within this time is not tested before its next use: under load that would be one more round
/// trip for each request. A connection whose last work failed is tested.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// The connections and the threads that work with them. Where a connection is silent for good, all of them are given up
/// together and others take their place: a thread that waits for libpq cannot be woken.
pub(super) struct Pool {
    connections: diesel::r2d2::Pool<Manager>,
    failure: Arc<LastFailure>,
    threads: Threads,
    readers: Arc<Semaphore>,
    writers: Arc<Semaphore>,
    /// The permits of background jobs, which leave a quarter of the connections to requests.
    background: Arc<Semaphore>,
}

/// The permit to use a connection.
pub(super) struct Permit {
    _permit: OwnedSemaphorePermit,
    _of_background: Option<OwnedSemaphorePermit>,
}

impl Pool {
    /// A pool that connects on first use; nothing is opened here.
    pub(super) fn new(config: &DatabaseConfig) -> Self {
        let size = config.pool_size;
        let failure = Arc::new(LastFailure::default());
        let manager = Manager { config: config.clone(), inode: OnceLock::new(), failure: failure.clone() };
        let connections = diesel::r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(Silent))
            .build_unchecked(manager);
        let count = usize::try_from(size).unwrap_or(2);
        let (readers, writers) = match config.url {
            // SQLite has one writer at a time. Queueing here is fairer and cheaper than its busy loop.
            DatabaseUrl::Sqlite(_) => (Arc::new(Semaphore::new(count - 1)), Arc::new(Semaphore::new(1))),
            DatabaseUrl::Postgres(_) => {
                let permits = Arc::new(Semaphore::new(count));
                (permits.clone(), permits)
            }
        };
        let background = Arc::new(Semaphore::new(count - count.div_ceil(4)));
        Self { connections, failure, threads: Threads::new(size), readers, writers, background }
    }

    /// How many connections are open, and how many of them work for somebody.
    pub(super) fn reading(&self) -> ConnectionReading {
        let state = self.connections.state();
        ConnectionReading {
            in_use: state.connections.saturating_sub(state.idle_connections),
            idle: state.idle_connections,
        }
    }

    /// Waits for the permit to use a connection.
    pub(super) async fn permit(&self, intent: Intent, is_background: bool) -> Result<Permit, StoreError> {
        // A job first takes of the share of jobs: else it would wait with a permit that a request needs.
        let of_background = if is_background { Some(permit_of(&self.background).await?) } else { None };
        let permits = match intent {
            Intent::Read => &self.readers,
            Intent::Write | Intent::Count => &self.writers,
        };
        Ok(Permit { _permit: permit_of(permits).await?, _of_background: of_background })
    }

    /// Runs work that blocks on a thread of the pool; `None` where the threads are gone.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<tokio::task::JoinHandle<T>> {
        Some(self.threads.0.as_ref()?.spawn_blocking(work))
    }

    /// Takes a connection. Where none is free and none could be opened a moment ago, it fails at once.
    pub(super) fn get(&self) -> Result<PooledConnection<Manager>, StoreError> {
        if let Some(connection) = self.connections.try_get() {
            return Ok(connection);
        }
        let began = Instant::now();
        if let Some(reason) = self.failure.since(began.checked_sub(FAILS_FAST_FOR)) {
            return Err(StoreError::NoConnection(reason));
        }
        loop {
            match self.connections.get_timeout(LOOK_EVERY) {
                Ok(connection) => return Ok(connection),
                Err(error) => {
                    if let Some(reason) = self.failure.since(Some(began)) {
                        return Err(StoreError::NoConnection(reason));
                    }
                    if began.elapsed() > PATIENCE {
                        return Err(StoreError::NoConnection(error.to_string()));
                    }
                }
            }
        }
    }
}

async fn permit_of(permits: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
    match time::timeout(PATIENCE, permits.clone().acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(StoreError::NoConnection("all are in use".to_owned())),
    }
}

/// The last time at which a connection could not be opened, and why.
#[derive(Default)]
struct LastFailure(Mutex<Option<(Instant, String)>>);

impl LastFailure {
    fn note(&self, error: &ConnectionError) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), error.to_string()));
    }

    fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The reason of a failure later than `moment`.
    fn since(&self, moment: Option<Instant>) -> Option<String> {
        let failure = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (failed_at, reason) = failure.as_ref()?;
        moment.is_none_or(|moment| *failed_at >= moment).then(|| reason.clone())
    }
}

/// Threads that may block, one for each connection. They have a name, so that the processor time of the database can be
/// told from the rest.
struct Threads(Option<Runtime>);

impl Threads {
    fn new(count: u32) -> Self {
        // The runtime is there for its threads: nothing is ever polled on it.
        let threads = usize::try_from(count).unwrap_or(1);
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
pub(super) struct Pooled {
    pub(super) connection: AnyConnection,
    pub(super) served_at: Option<Instant>,
}

/// Opens connections and tests them.
pub(super) struct Manager {
    config: DatabaseConfig,
    /// The inode of the SQLite file that the first connection opened.
    inode: OnceLock<u64>,
    failure: Arc<LastFailure>,
}

impl Manager {
    /// Whether the path still leads to the same file. Open connections go on writing into a file that was deleted or
    /// moved away, and nobody would ever read that again.
    fn check_file(&self) -> Result<(), ConnectionError> {
        let DatabaseUrl::Sqlite(path) = &self.config.url else { return Ok(()) };
        let is_in_place = fs::metadata(path).is_ok_and(|file| *self.inode.get_or_init(|| file.ino()) == file.ino());
        let gone = || ConnectionError::BadConnection("the database file is gone or another one".to_owned());
        is_in_place.then_some(()).ok_or_else(gone)
    }

    fn open(&self) -> Result<Pooled, ConnectionError> {
        self.check_file()?;
        Ok(Pooled { connection: AnyConnection::open(&self.config)?, served_at: Some(Instant::now()) })
    }
}

impl diesel::r2d2::ManageConnection for Manager {
    type Connection = Pooled;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Pooled, ConnectionError> {
        let opened = self.open();
        match &opened {
            Ok(_) => self.failure.forget(),
            // A server that is not there takes time to find out. A file does not.
            Err(error) if matches!(self.config.url, DatabaseUrl::Postgres(_)) => self.failure.note(error),
            Err(_) => {}
        }
        opened
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), ConnectionError> {
        self.check_file()?;
        if pooled.served_at.is_some_and(|served_at| served_at.elapsed() < TRUSTED_FOR) {
            return Ok(());
        }
        pooled.connection.check_fitness()
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
