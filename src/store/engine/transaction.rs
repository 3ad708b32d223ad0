//! A transaction, as every query takes it: its connection, and one reading of the clock.

use super::connection::AnyConnection;
use crate::types::{Clock, UtcTime};

/// A transaction, or for [`super::Database::query`] a connection alone. Every query of it uses the same moment, so two
/// rows written together never carry two times, unless the transaction has waited for a lock in between.
pub struct Transaction<'c> {
    /// The connection that the transaction runs on.
    pub connection: &'c mut AnyConnection,
    /// The clock, read once the transaction has begun, and again whenever it has waited for a lock on a key.
    pub now: UtcTime,
    /// The clock that `now` was read from.
    pub clock: &'c dyn Clock,
}

impl<'c> Transaction<'c> {
    /// A transaction that has just begun.
    pub(super) fn begun(connection: &'c mut AnyConnection, clock: &'c dyn Clock) -> Self {
        Self { connection, now: clock.now(), clock }
    }

    /// Reads the clock again. A row that another transaction wrote before this one got its lock is then not of a later
    /// time than `now`.
    pub(super) fn read_clock(&mut self) {
        self.now = self.now.max(self.clock.now());
    }
}
