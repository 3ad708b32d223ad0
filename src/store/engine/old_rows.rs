//! Rows that have served their time, and their deletion in batches.

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Text, Timestamp},
};

use super::{AnyConnection, StoreError, Transaction};
use crate::types::UtcTime;

/// Rows of one table that have served their time.
#[derive(Debug, Clone, Copy)]
pub struct OldRows {
    /// The table.
    pub(in crate::store) table: &'static str,
    /// The columns of its primary key.
    pub(in crate::store) key: &'static str,
    /// The column that tells their age. It leads an index.
    pub(in crate::store) age: Age,
    /// What else holds for them, in SQL; empty where nothing does. An index of some rows alone serves a condition only if
    /// the condition stands in the statement: a bound value is not known when the statement is planned.
    pub(in crate::store) condition: &'static str,
}

/// The column that tells the age of a row.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum Age {
    /// A column of times.
    Time(&'static str),
    /// A column of microseconds since 1970.
    Microseconds(&'static str),
}

impl OldRows {
    /// The table.
    #[must_use]
    pub const fn table(&self) -> &'static str {
        self.table
    }

    /// The column that tells their age.
    #[must_use]
    pub const fn since(&self) -> &'static str {
        let (Age::Time(column) | Age::Microseconds(column)) = self.age;
        column
    }

    /// What else holds for them, in SQL; empty where nothing does.
    #[must_use]
    pub const fn condition(&self) -> &'static str {
        self.condition
    }

    /// Whether there is a row whose age is `until` or more.
    pub fn are_there(&self, tx: &mut Transaction<'_>, until: UtcTime) -> Result<bool, StoreError> {
        let batch =
            Batch { rows: *self, columns: "'' AS key", until: until.into(), most: 1, locking: Locking::None };
        Ok(!batch.load_from(tx)?.is_empty())
    }

    /// Deletes at most `most` rows whose age is `until` or more, the oldest first, and returns their number. Rows that
    /// another transaction has locked are passed over.
    pub fn delete(&self, tx: &mut Transaction<'_>, until: UtcTime, most: i64) -> Result<usize, StoreError> {
        let batch = Batch { rows: *self, columns: self.key, until: until.into(), most, locking: Locking::of(tx) };
        let delete = DeleteBatch(batch);
        Ok(match tx.connection {
            AnyConnection::Sqlite(connection) => delete.execute(connection)?,
            AnyConnection::Postgres(connection) => delete.execute(connection)?,
        })
    }

    /// Lists the keys of at most `most` rows whose age is `until` or more, the oldest first. The key is one column of text.
    pub(in crate::store) fn list(
        &self,
        tx: &mut Transaction<'_>,
        until: UtcTime,
        most: i64,
    ) -> Result<Vec<String>, StoreError> {
        Batch { rows: *self, columns: self.key, until: until.into(), most, locking: Locking::None }.load_from(tx)
    }

    /// Lists the keys of at most `most` rows whose age is `until` or more, the oldest first, and locks them. The key is
    /// one column of text. Rows that another transaction has locked are passed over.
    pub(in crate::store) fn lock(
        &self,
        tx: &mut Transaction<'_>,
        until: UtcTime,
        most: i64,
    ) -> Result<Vec<String>, StoreError> {
        let locking = Locking::of(tx);
        Batch { rows: *self, columns: self.key, until: until.into(), most, locking }.load_from(tx)
    }
}

/// Whether the rows that are found are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Locking {
    None,
    /// They are locked, but for those that another transaction has locked.
    PassOver,
}

impl Locking {
    /// On SQLite one transaction writes at a time.
    const fn of(tx: &Transaction<'_>) -> Self {
        match tx.connection {
            AnyConnection::Sqlite(_) => Self::None,
            AnyConnection::Postgres(_) => Self::PassOver,
        }
    }
}

/// A time in both forms in which columns have it.
#[derive(Clone, Copy)]
struct Until {
    time: UtcTime,
    microseconds: i64,
}

impl From<UtcTime> for Until {
    fn from(time: UtcTime) -> Self {
        Self { time, microseconds: time.and_utc().timestamp_micros() }
    }
}

/// A query for the oldest rows.
#[derive(Clone, Copy)]
struct Batch {
    rows: OldRows,
    columns: &'static str,
    until: Until,
    most: i64,
    locking: Locking,
}

impl Batch {
    fn load_from(self, tx: &mut Transaction<'_>) -> Result<Vec<String>, StoreError> {
        Ok(match tx.connection {
            AnyConnection::Sqlite(connection) => self.load(connection)?,
            AnyConnection::Postgres(connection) => self.load(connection)?,
        })
    }
}

impl QueryId for Batch {
    // Diesel caches the statement by its text.
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Batch {
    type SqlType = Text;
}

impl<DB> QueryFragment<DB> for Batch
where
    DB: Backend,
    UtcTime: ToSql<Timestamp, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let OldRows { table, age, condition, .. } = self.rows;
        let (Age::Time(column) | Age::Microseconds(column)) = age;
        out.push_sql(&format!("SELECT {} FROM {table} WHERE {column} <= ", self.columns));
        match age {
            Age::Time(_) => out.push_bind_param::<Timestamp, _>(&self.until.time)?,
            Age::Microseconds(_) => out.push_bind_param::<BigInt, _>(&self.until.microseconds)?,
        }
        if !condition.is_empty() {
            out.push_sql(&format!(" AND {condition}"));
        }
        // A bound limit is not known when the statement is planned: PostgreSQL would take it for a tenth of the table, and
        // read the table from end to end for each batch.
        out.push_sql(&format!(" ORDER BY {column} LIMIT {}", self.most));
        if self.locking == Locking::PassOver {
            out.push_sql(" FOR UPDATE SKIP LOCKED");
        }
        Ok(())
    }
}

/// A deletion of the oldest rows.
struct DeleteBatch(Batch);

impl QueryId for DeleteBatch {
    // Diesel caches the statement by its text.
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for DeleteBatch
where
    Batch: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let OldRows { table, key, .. } = self.0.rows;
        out.push_sql(&format!("DELETE FROM {table} WHERE ({key}) IN ("));
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl<Connection> RunQueryDsl<Connection> for Batch {}
impl<Connection> RunQueryDsl<Connection> for DeleteBatch {}
