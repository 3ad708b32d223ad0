//! The rows that every try of a use case begins with.

use std::sync::Arc;

use crate::support::{Engine, TABLES, TestDatabase, execute};

/// The rows of a moment. On SQLite each try gets a copy of the file. On PostgreSQL, where a new database takes a second, one
/// database gets its rows back.
pub(super) enum Rows {
    File(TestDatabase),
    Kept(Arc<TestDatabase>),
}

impl Rows {
    /// Keeps the rows of a database. Its connections end.
    pub(super) fn of(engine: Engine, database: &TestDatabase) -> Self {
        let copy = database.copy();
        if engine == Engine::Sqlite {
            return Self::File(copy);
        }
        let keep: Vec<String> =
            TABLES.iter().map(|table| format!("CREATE TABLE kept.{table} AS TABLE public.{table};")).collect();
        execute(&copy.url, &format!("CREATE SCHEMA kept; {}", keep.concat())).unwrap();
        Self::Kept(Arc::new(copy))
    }

    /// A database with these rows, and with no connection from before.
    pub(super) fn again(&self) -> Arc<TestDatabase> {
        match self {
            Self::File(file) => Arc::new(file.copy()),
            Self::Kept(database) => {
                let begin = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid();
                    SET session_replication_role = replica; BEGIN;";
                let refill = TABLES.iter().map(|table| {
                    format!(
                        "DELETE FROM public.{table};
                         INSERT INTO public.{table} OVERRIDING SYSTEM VALUE SELECT * FROM kept.{table};"
                    )
                });
                let statements: String = [begin.to_owned()].into_iter().chain(refill).collect();
                execute(&database.url, &(statements + "COMMIT;")).unwrap();
                database.clone()
            }
        }
    }
}
