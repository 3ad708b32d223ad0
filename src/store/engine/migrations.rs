//! Migrations of the tables to the form that this version needs.

use std::{
    fmt::Display,
    fs::{self, File},
    io,
    path::Path,
};

use diesel::{
    QueryDsl as _, QueryResult, RunQueryDsl as _,
    backend::Backend,
    connection::SimpleConnection as _,
    migration::{Migration, MigrationSource as _},
    pg::Pg,
    sql_query,
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::{connection::AnyConnection, database::Database};
use crate::config::DatabaseUrl;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// The key of the lock by which one of several starting instances migrates. No other lock of the database has it.
const ADVISORY_LOCK: i64 = 0x57A_4150;

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
    /// A newer version migrated the database, and this one does not know its tables.
    #[error(
        "the database was migrated by a newer version of this service (migration {0} is unknown here); \
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
            // A migration may wait longer than a request. The lock ends with the connection.
            let prepare = format!(
                "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock({ADVISORY_LOCK});"
            );
            connection.batch_execute(&prepare).map_err(failed)?;
        }
        let Missing { missing, .. } = count_missing(&mut connection)?;
        let run = match &mut connection {
            AnyConnection::Sqlite(connection) => connection.run_pending_migrations(SQLITE).map(drop),
            AnyConnection::Postgres(connection) => connection.run_pending_migrations(POSTGRES).map(drop),
        };
        run.map_err(failed)?;
        Ok(missing)
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
    match applied.iter().find(|version| !known.contains(version)) {
        Some(unknown) => Err(MigrationsError::Newer(unknown.clone())),
        None => Ok(Missing { known: known.len(), missing: known.len() - applied.len() }),
    }
}

fn versions<DB: Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>, MigrationsError> {
    let migrations: Vec<Box<dyn Migration<DB>>> = source.migrations().map_err(failed)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// Lists the migrations that have run. Diesel's own query would create their table, and a service that only checks may
/// lack the right to do so.
fn applied_versions(connection: &mut AnyConnection) -> QueryResult<Vec<String>> {
    let tables: Count = match connection {
        AnyConnection::Sqlite(connection) => {
            sql_query("SELECT count(*) AS count FROM sqlite_master WHERE name = '__diesel_schema_migrations'")
                .get_result(connection)?
        }
        AnyConnection::Postgres(connection) => {
            sql_query("SELECT count(to_regclass('__diesel_schema_migrations')) AS count").get_result(connection)?
        }
    };
    if tables.count == 0 {
        return Ok(Vec::new());
    }
    __diesel_schema_migrations::table.select(__diesel_schema_migrations::version).load(connection)
}

fn failed(error: impl std::fmt::Display) -> MigrationsError {
    MigrationsError::Failed(error.to_string())
}
