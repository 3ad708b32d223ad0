//! A transaction, as every query takes it: its connection, and one reading of the clock.

use super::connection::AnyConnection;
use crate::types::UtcTime;

/// A transaction, or for [`super::Database::query`] a connection alone. Every query of it uses the same moment, so two
/// rows written together never carry two times.
pub struct Transaction<'c> {
    /// The connection that the transaction runs on.
    pub connection: &'c mut AnyConnection,
    /// The clock, read once the transaction has begun.
    pub now: UtcTime,
}
