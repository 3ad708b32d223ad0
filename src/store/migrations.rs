//! Bringing the tables to this version's shape.

use diesel::{
    RunQueryDsl as _,
    migration::MigrationSource as _,
    pg::Pg,
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{connection::AnyConnection, database::Database};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// Any number that nothing else in the database locks: of several instances starting at once, one migrates.
const ADVISORY_LOCK: i64 = 0x57A_4150;

/// How the tables compare with what this version needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MigrationState {
    /// Nothing to do.
    UpToDate,
    /// So many migrations are missing.
    Behind(usize),
}

/// Why the tables cannot be used or changed.
#[derive(Debug, thiserror::Error)]
pub enum MigrationsError {
    /// A newer version has been here; this one does not know what its tables mean.
    #[error(
        "the database was migrated by a newer version of this service (migration {0} is unknown here); \
         start that version, or restore a backup from before its first start"
    )]
    Newer(String),
    /// The database cannot be opened.
    #[error("cannot open the database: {0}")]
    Open(String),
    /// A migration failed; it was rolled back.
    #[error("cannot read or change the database's tables: {0}")]
    Failed(String),
}

impl Database {
    /// Compares, changing nothing but the bookkeeping table. Blocks; for start-up and commands.
    pub fn migration_state(&self) -> Result<MigrationState, MigrationsError> {
        with_harness(self, |harness| harness.pending())
            .map(|missing| if missing == 0 { MigrationState::UpToDate } else { MigrationState::Behind(missing) })
    }

    /// Runs what is missing and returns how many migrations that were. Blocks.
    pub fn migrate(&self) -> Result<usize, MigrationsError> {
        with_harness(self, |harness| {
            let missing = harness.pending()?;
            harness.run()?;
            Ok(missing)
        })
    }
}

fn with_harness<T>(
    database: &Database,
    work: impl FnOnce(&mut dyn Harness) -> Result<T, MigrationsError>,
) -> Result<T, MigrationsError> {
    let connection = AnyConnection::open(database.url()).map_err(|error| MigrationsError::Open(error.to_string()))?;
    match connection {
        AnyConnection::Sqlite(mut connection) => work(&mut connection),
        AnyConnection::Postgres(mut connection) => {
            let lock = format!("SELECT pg_advisory_lock({ADVISORY_LOCK})");
            diesel::sql_query(lock).execute(&mut connection).map_err(failed)?;
            // The lock ends with the connection.
            work(&mut connection)
        }
    }
}

trait Harness {
    fn pending(&mut self) -> Result<usize, MigrationsError>;
    fn run(&mut self) -> Result<(), MigrationsError>;
}

macro_rules! impl_harness {
    ($connection:ty, $backend:ty, $source:expr) => {
        impl Harness for $connection {
            fn pending(&mut self) -> Result<usize, MigrationsError> {
                let known: Vec<String> = $source
                    .migrations()
                    .map_err(|error| MigrationsError::Failed(error.to_string()))?
                    .iter()
                    .map(|migration: &Box<dyn diesel::migration::Migration<$backend>>| {
                        migration.name().version().to_string()
                    })
                    .collect();
                let applied = MigrationHarness::<$backend>::applied_migrations(self)
                    .map_err(|error| MigrationsError::Failed(error.to_string()))?;
                if let Some(unknown) = applied.iter().find(|version| !known.contains(&version.to_string())) {
                    return Err(MigrationsError::Newer(unknown.to_string()));
                }
                Ok(known.len() - applied.len())
            }

            fn run(&mut self) -> Result<(), MigrationsError> {
                MigrationHarness::<$backend>::run_pending_migrations(self, $source)
                    .map(drop)
                    .map_err(|error| MigrationsError::Failed(error.to_string()))
            }
        }
    };
}

impl_harness!(diesel::SqliteConnection, Sqlite, SQLITE);
impl_harness!(diesel::PgConnection, Pg, POSTGRES);

fn failed(error: diesel::result::Error) -> MigrationsError {
    MigrationsError::Failed(error.to_string())
}
