//! Migrations of the tables to the form that this version needs.

use std::{
    fmt::Display,
    fs::{self, File},
    io,
    path::Path,
    thread,
    time::Duration,
};

use diesel::{
    ExpressionMethods as _, OptionalExtension as _, PgConnection, QueryDsl as _, QueryResult, RunQueryDsl as _,
    backend::Backend,
    connection::SimpleConnection as _,
    migration::{self, Migration, MigrationSource as _},
    pg::Pg,
    sql_query,
    sql_types::Text,
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::{connection::AnyConnection, database::Database, store_error::StoreError, transaction::Transaction};
use crate::config::DatabaseUrl;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// The key of the lock by which one of several starting instances migrates. No other lock of the database has it.
const ADVISORY_LOCK: i64 = 0x57A_4150;
/// How often a process that waits for its turn asks for it.
const TURN_INTERVAL: Duration = Duration::from_millis(100);

/// How long a migration waits for a lock, in milliseconds. Every request that needs the table waits behind it. After a
/// second (`deadlock_timeout`) the server looks for a deadlock, and may end the transaction of a request for it.
const LOCK_TIMEOUT: u32 = 500;
/// The time before a migration that did not get its locks is tried again.
const LOCK_INTERVAL: Duration = Duration::from_millis(500);
/// How often a migration is tried, for two minutes in all.
const LOCK_TRIES: u32 = 120;

/// For each migration from the eleventh on, the last migration that a version has to know in order to go on working once
/// this one has run (`docs/upgrades.md`). An older version refuses to start.
const BEARERS: [(&str, &str); 22] = [
    ("20261127000011", "20261127000010"),
    ("20261127000012", "20261127000010"),
    ("20261127000013", "20261127000010"),
    ("20261127000014", "20261127000010"),
    ("20261127000015", "20261127000010"),
    ("20261128000016", "20261127000010"),
    ("20261128000017", "20261127000010"),
    ("20261128000018", "20261127000010"),
    ("20261128000019", "20261127000010"),
    ("20261128000020", "20261127000010"),
    ("20261128000021", "20261127000010"),
    ("20261128000022", "20261127000010"),
    ("20261128000023", "20261127000010"),
    ("20261128000024", "20261127000010"),
    ("20261128000025", "20261127000010"),
    ("20261128000026", "20261127000010"),
    ("20261128000027", "20261127000010"),
    ("20261128000028", "20261127000010"),
    ("20261128000031", "20261127000010"),
    ("20261128000032", "20261127000010"),
    ("20261128000033", "20261127000010"),
    ("20261128000034", "20261127000010"),
];

/// How the tables compare with what this version needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MigrationState {
    /// There is no database, or it has no tables yet.
    Missing,
    /// No migration is missing.
    UpToDate,
    /// This many migrations are missing.
    Behind(usize),
}

/// Why the tables cannot be used or changed.
#[derive(Debug, thiserror::Error)]
pub enum MigrationsError {
    /// A newer version migrated the database in a way that this one does not bear.
    #[error(
        "the database was migrated by a newer version of this service, and this one is too old for it (migration {0}); \
         start that version, or restore a backup from before its first start"
    )]
    Newer(String),
    /// The database cannot be opened. For a server, this may pass.
    #[error("cannot open the database {0}: {1}")]
    Open(String, String),
    /// A migration failed and was rolled back.
    #[error("cannot read or change the database's tables: {0}")]
    Failed(String),
}

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}
diesel::table! {
    migration_bearers (migration) {
        migration -> Text,
        oldest_known -> Text,
    }
}

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(diesel::QueryableByName)]
struct Locked {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    locked: bool,
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

impl Database {
    /// Compares the tables with this version. It changes nothing, and blocks: it is for start-up and commands.
    pub fn migration_state(&self) -> Result<MigrationState, MigrationsError> {
        if let DatabaseUrl::Sqlite(path) = self.url()
            && !path.exists()
        {
            return Ok(MigrationState::Missing);
        }
        // A file that another process has just made may still be on its way to the mode that the connections need.
        let _turn = lock_folder(self.url()).map_err(|error| not_open(self, error))?;
        let mut connection = AnyConnection::open(self.config()).map_err(|error| not_open(self, error))?;
        Ok(match count_missing(&mut connection)? {
            Missing { known, missing } if known == missing => MigrationState::Missing,
            Missing { missing: 0, .. } => MigrationState::UpToDate,
            Missing { missing, .. } => MigrationState::Behind(missing),
        })
    }

    /// Runs the migrations that are missing and returns how many there were. Processes that start at the same time take
    /// turns. It blocks.
    pub fn migrate(&self) -> Result<usize, MigrationsError> {
        let _turn = lock_folder(self.url()).map_err(|error| not_open(self, error))?;
        let mut connection = AnyConnection::open_or_create(self.config()).map_err(|error| not_open(self, error))?;
        if let AnyConnection::Postgres(connection) = &mut connection {
            prepare_server(connection).map_err(failed)?;
        }
        let Missing { missing, .. } = count_missing(&mut connection)?;
        let run = match &mut connection {
            AnyConnection::Sqlite(connection) => connection.run_pending_migrations(SQLITE).map(drop),
            AnyConnection::Postgres(connection) => run_beside_a_service(connection),
        };
        run.map_err(failed)?;
        note_bearers(&mut connection).map_err(failed)?;
        Ok(missing)
    }
}

/// Waits for the turn of this process, and makes ready for migrations. A migration may wait longer than a request.
fn prepare_server(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0;")?;
    // A process that waited inside the server would keep the one that has its turn from building an index beside the
    // service: that waits for every statement to end. The lock ends with the connection.
    while !try_advisory_lock(connection)? {
        thread::sleep(TURN_INTERVAL);
    }
    // An index whose building was interrupted stands there without effect, and under its name.
    let names: Vec<Name> = sql_query(
        "SELECT indexrelid::regclass::text AS name FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
         WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace",
    )
    .load(connection)?;
    for Name { name } in names {
        connection.batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name};"))?;
    }
    Ok(())
}

/// Runs the migrations that are missing, each of which gives way to the transactions of a service that is at work.
fn run_beside_a_service(connection: &mut PgConnection) -> migration::Result<()> {
    for migration in connection.pending_migrations(POSTGRES)? {
        let in_transaction = migration.metadata().run_in_transaction();
        // An index that is built beside the service waits for the end of every transaction, and nobody waits behind it.
        let lock_timeout = if in_transaction { LOCK_TIMEOUT } else { 0 };
        connection.batch_execute(&format!("SET lock_timeout = {lock_timeout};"))?;
        let mut tries = 1;
        while let Err(error) = connection.run_migration(&*migration) {
            if !in_transaction || tries == LOCK_TRIES || !is_kept_from_locks(&*error) {
                return Err(error);
            }
            tracing::warn!(migration = %migration.name(), "transactions keep a migration waiting, and it is tried again");
            tries += 1;
            thread::sleep(LOCK_INTERVAL);
        }
    }
    Ok(())
}

/// Whether a migration failed since others had locks that it needs. Diesel does not tell these errors from others, so they
/// are known by the server's sentence; one that is set to another language is not understood, and the migration fails.
fn is_kept_from_locks(error: &dyn std::error::Error) -> bool {
    let sentence = error.to_string();
    ["lock timeout", "deadlock detected"].iter().any(|reason| sentence.contains(reason))
}

fn try_advisory_lock(connection: &mut PgConnection) -> QueryResult<bool> {
    let locked: Locked =
        sql_query(format!("SELECT pg_try_advisory_lock({ADVISORY_LOCK}) AS locked")).get_result(connection)?;
    Ok(locked.locked)
}

/// Stores which versions bear each migration, for versions that do not know it.
fn note_bearers(connection: &mut AnyConnection) -> QueryResult<()> {
    let noted: Vec<String> = migration_bearers::table.select(migration_bearers::migration).load(connection)?;
    for (migration, oldest_known) in
        BEARERS.into_iter().filter(|(name, _)| !noted.iter().any(|noted| noted == name))
    {
        diesel::insert_into(migration_bearers::table)
            .values((migration_bearers::migration.eq(migration), migration_bearers::oldest_known.eq(oldest_known)))
            .execute(connection)?;
    }
    Ok(())
}

/// Confirms that the tables are those of this version, or of a later one that this version bears.
pub(in crate::store) fn check_migrations(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    match count_missing(tx.connection) {
        Ok(Missing { missing: 0, .. }) => Ok(()),
        Ok(Missing { missing, .. }) => Err(StoreError::WrongTables(format!("{missing} migrations are missing"))),
        Err(error) => Err(StoreError::WrongTables(error.to_string())),
    }
}

fn not_open(database: &Database, error: impl Display) -> MigrationsError {
    MigrationsError::Open(database.url().to_string(), error.to_string())
}

/// Locks the folder of an SQLite file until the result is dropped. A lock inside the file would not do: the file may be
/// made in this very moment. On PostgreSQL the migration itself takes a lock.
fn lock_folder(url: &DatabaseUrl) -> io::Result<Option<File>> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(None) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let folder = File::open(folder)?;
    folder.lock()?;
    Ok(Some(folder))
}

/// How many migrations this version knows, and how many of them have not run.
struct Missing {
    known: usize,
    missing: usize,
}

fn count_missing(connection: &mut AnyConnection) -> Result<Missing, MigrationsError> {
    let known = match connection {
        AnyConnection::Sqlite(_) => versions::<Sqlite>(&SQLITE)?,
        AnyConnection::Postgres(_) => versions::<Pg>(&POSTGRES)?,
    };
    let applied = applied_versions(connection).map_err(failed)?;
    let (borne, unknown): (Vec<_>, Vec<_>) = applied.iter().partition(|version| known.contains(version));
    for version in unknown {
        if !is_borne(connection, version, &known).map_err(failed)? {
            return Err(MigrationsError::Newer(version.clone()));
        }
    }
    Ok(Missing { known: known.len(), missing: known.len() - borne.len() })
}

/// Whether a version that knows these migrations goes on working after one that it does not know.
fn is_borne(connection: &mut AnyConnection, unknown: &str, known: &[String]) -> QueryResult<bool> {
    // A version that wrote no such table is older than this one.
    if !has_table(connection, "migration_bearers")? {
        return Ok(false);
    }
    let row = migration_bearers::table.find(unknown).select(migration_bearers::oldest_known);
    let oldest: Option<String> = row.first(connection).optional()?;
    Ok(oldest.is_some_and(|oldest| known.contains(&oldest)))
}

fn versions<DB: Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>, MigrationsError> {
    let migrations: Vec<Box<dyn Migration<DB>>> = source.migrations().map_err(failed)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// Lists the migrations that have run. Diesel's own query would create their table, and a service that only checks may
/// lack the right to do so.
fn applied_versions(connection: &mut AnyConnection) -> QueryResult<Vec<String>> {
    if !has_table(connection, "__diesel_schema_migrations")? {
        return Ok(Vec::new());
    }
    __diesel_schema_migrations::table.select(__diesel_schema_migrations::version).load(connection)
}

fn has_table(connection: &mut AnyConnection, name: &'static str) -> QueryResult<bool> {
    let tables: Count = match connection {
        AnyConnection::Sqlite(connection) => {
            sql_query("SELECT count(*) AS count FROM sqlite_master WHERE name = ?")
                .bind::<Text, _>(name)
                .get_result(connection)?
        }
        AnyConnection::Postgres(connection) => {
            sql_query("SELECT count(to_regclass($1)) AS count").bind::<Text, _>(name).get_result(connection)?
        }
    };
    Ok(tables.count > 0)
}

fn failed(error: impl std::fmt::Display) -> MigrationsError {
    MigrationsError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn op_05_each_migration_says_which_versions_bear_it() {
        for known in [versions::<Sqlite>(&SQLITE).unwrap(), versions::<Pg>(&POSTGRES).unwrap()] {
            let with: Vec<&str> = BEARERS.iter().map(|(migration, _)| *migration).collect();
            let from_eleventh: Vec<&String> =
                known.iter().filter(|version| version.as_str() > "20261127000010").collect();
            assert_eq!(with, from_eleventh);
            for (migration, oldest_known) in BEARERS {
                assert!(known.iter().any(|version| version == oldest_known) && oldest_known < migration);
            }
        }
    }
}
