//! Why work with the database fails.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::types::Fault;

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
    /// The tables are not those of this version.
    #[error("the tables are not those of this version: {0}")]
    WrongTables(String),
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
            StoreError::Query(DieselError::DatabaseError(_, information))
                if information.message().starts_with("prepared statement") =>
            {
                Self::unavailable(
                    "using the database; behind a connection pooler set STAKIS_DATABASE_POOLER=on",
                    error,
                )
            }
            // A locked, full, read-only or vanished database reports itself as one of these. So does a query that
            // PostgreSQL does not understand, which a table of another version alone could cause.
            StoreError::NoConnection(_)
            | StoreError::WrongTables(_)
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
