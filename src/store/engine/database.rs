//! Access to the database. A call takes a permit, a thread that may block, a connection and, for most calls, a
//! transaction.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Instant,
};

use diesel::result::Error as DieselError;
use tokio::time;
use tracing::Span;

use super::{
    connection::{AnyConnection, Intent},
    pool::Pool,
    store_error::StoreError,
    transaction::Transaction,
};
use crate::{
    config::{DatabaseConfig, DatabaseUrl},
    metrics::{ConnectionReading, DatabaseFailure, DatabaseMetrics},
    types::Clock,
};

tokio::task_local! {
    static BACKGROUND: ();
}

/// Runs work of a background job. It leaves a quarter of the connections to requests.
pub async fn in_background<T>(work: impl Future<Output = T>) -> T {
    BACKGROUND.scope((), work).await
}

/// A pool of connections to either database. A clone is cheap.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
}

struct Shared {
    /// Replaced as a whole where a connection is silent.
    pool: Mutex<Arc<Pool>>,
    config: DatabaseConfig,
    clock: Arc<dyn Clock>,
    metrics: OnceLock<DatabaseMetrics>,
}

impl Shared {
    fn pool(&self) -> Arc<Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a failure of the database, where metrics are kept.
    fn failed(&self, cause: DatabaseFailure) {
        if let Some(metrics) = self.metrics.get() {
            metrics.failed(cause);
        }
    }

    /// Gives all connections of the pool up, with the threads that wait for them.
    fn give_up(&self, silent: &Arc<Pool>) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&pool, silent) {
            tracing::error!("a connection to the database gives no answer; all connections are replaced");
            *pool = Arc::new(Pool::new(&self.config));
        }
    }
}

impl Database {
    /// A pool that connects on first use; nothing is opened here. Transactions read `clock`.
    #[must_use]
    pub fn new(config: &DatabaseConfig, clock: Arc<dyn Clock>) -> Self {
        let pool = Mutex::new(Arc::new(Pool::new(config)));
        Self { shared: Arc::new(Shared { pool, config: config.clone(), clock, metrics: OnceLock::new() }) }
    }

    /// The same database, which from now on tells these metrics of waits and failures. The first call counts.
    #[must_use]
    pub fn measured_by(self, metrics: &DatabaseMetrics) -> Self {
        drop(self.shared.metrics.set(metrics.clone()));
        self
    }

    /// How many connections are open, and how many of them work for somebody.
    #[must_use]
    pub fn connections(&self) -> ConnectionReading {
        self.shared.pool().reading()
    }

    pub(super) fn config(&self) -> &DatabaseConfig {
        &self.shared.config
    }

    /// The address of the database.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.shared.config.url
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
        if self.shared.config.pooler {
            return self.read(query).await;
        }
        self.run(Intent::Read, |connection, clock| query(&mut Transaction::begun(connection, clock))).await
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
        self.transact(Intent::Read, queries).await
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
        self.transact(Intent::Write, queries).await
    }

    /// Runs queries in one transaction that writes nothing but counts and notes of limits, and the last use. Its commit
    /// waits for no disk, so
    /// calls that count at one key do not wait for each other's. A crash of the database server, or on `SQLite` of the
    /// machine, may lose what was counted within the second before; a crash of the service loses nothing.
    pub async fn count<T, E>(
        &self,
        queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.transact(Intent::Count, queries).await
    }

    /// Runs queries of which one writes, in a single statement. `PostgreSQL` makes that statement a transaction by itself,
    /// which saves the round trips of beginning and end.
    pub async fn write_alone<T, E>(
        &self,
        queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let is_sqlite = matches!(self.shared.config.url, DatabaseUrl::Sqlite(_));
        if is_sqlite || self.shared.config.pooler {
            return self.write(queries).await;
        }
        self.run(Intent::Write, |connection, clock| queries(&mut Transaction::begun(connection, clock))).await
    }

    /// Runs queries in one transaction that may take minutes. It has a connection of its own, beside the pool, on which
    /// no statement and no pause between two of them is too long. On `SQLite` nobody else writes meanwhile.
    pub async fn write_long<T, E>(
        &self,
        queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.transact_long(Intent::Write, queries).await
    }

    async fn transact_long<T, E>(
        &self,
        intent: Intent,
        queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (shared, span) = (self.shared.clone(), Span::current());
        let task = tokio::task::spawn_blocking(move || {
            let _inside = span.enter();
            let Shared { config, clock, .. } = &*shared;
            let opened = AnyConnection::open(config);
            let mut connection = opened.map_err(|error| StoreError::NoConnection(error.to_string()))?;
            connection.begin(intent, config.pooler).map_err(StoreError::from)?;
            connection.lift_time_limits().map_err(StoreError::from)?;
            in_transaction(&mut connection, &**clock, queries, StoreError::from)
        });
        task.await.unwrap_or_else(|_| Err(StoreError::Aborted.into()))
    }

    /// Runs queries in one read-only transaction that may take minutes, on a connection of its own. They all see the data of
    /// the same moment.
    pub async fn read_long<T, E>(
        &self,
        queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.transact_long(Intent::Read, queries).await
    }

    async fn transact<T, E>(
        &self,
        intent: Intent,
        queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (pooler, shared) = (self.shared.config.pooler, self.shared.clone());
        self.run(intent, move |connection, clock| {
            let failed = |error: DieselError| {
                shared.failed(DatabaseFailure::Transaction);
                StoreError::from(error)
            };
            connection.begin(intent, pooler).map_err(failed)?;
            in_transaction(connection, clock, queries, failed)
        })
        .await
    }

    async fn run<T, E>(
        &self,
        intent: Intent,
        work: impl FnOnce(&mut AnyConnection, &dyn Clock) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (pool, clock) = (self.shared.pool(), self.shared.clock.clone());
        let waiting = self.shared.metrics.get().map(DatabaseMetrics::wait);
        let permit = pool.permit(intent, BACKGROUND.try_with(|()| ()).is_ok()).await;
        let permit = permit.inspect_err(|_| self.shared.failed(DatabaseFailure::AllInUse))?;
        // What a transaction logs has the ids of its request or job.
        let (own, span, shared) = (pool.clone(), Span::current(), self.shared.clone());
        let task = pool.spawn(move || {
            let _inside = span.enter();
            let pooled = own.get();
            drop(waiting);
            let mut pooled = pooled.inspect_err(|_| shared.failed(DatabaseFailure::Unreachable))?;
            let outcome = work(&mut pooled.connection, &*clock);
            pooled.served_at = outcome.is_ok().then(Instant::now);
            drop(pooled);
            // The permit is kept until here: an abandoned request must not release it while its query runs.
            drop(permit);
            outcome
        });
        let aborted = || {
            self.shared.failed(DatabaseFailure::Aborted);
            StoreError::Aborted
        };
        let Some(task) = task else { return Err(aborted().into()) };
        let Ok(ended) = time::timeout(self.shared.config.silent_after, task).await else {
            self.shared.failed(DatabaseFailure::Silent);
            self.shared.give_up(&pool);
            return Err(StoreError::NoConnection("a connection gives no answer".to_owned()).into());
        };
        ended.unwrap_or_else(|_| Err(aborted().into()))
    }
}

/// Runs queries in a transaction that has begun, and ends it.
fn in_transaction<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    clock: &dyn Clock,
    queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    not_committed: impl FnOnce(DieselError) -> StoreError,
) -> Result<T, E> {
    match queries(&mut Transaction::begun(connection, clock)) {
        Ok(value) => {
            connection.commit().map_err(not_committed)?;
            Ok(value)
        }
        Err(error) => {
            // A failed rollback means that the connection is gone, which the first error tells.
            drop(connection.roll_back());
            Err(error)
        }
    }
}
