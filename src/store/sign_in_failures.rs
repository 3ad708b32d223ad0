//! Failed attempts at a password or a client secret, by the subject that they are counted on.

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, lock_key, update},
    schema::sign_in_failures,
};
use crate::types::UtcTime;

/// The count of one subject, both to insert and as a row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sign_in_failures, treat_none_as_default_value = false)]
pub struct Failures {
    /// A submitted number, a known device, the known devices of an account together, or a group of client ids.
    pub subject: String,
    /// The count as of the last failure. It falls with time from then on.
    pub failures: i32,
    /// When the last failure was.
    pub last_failed_at: UtcTime,
    /// Whether the audit trail has an entry about attempts that were refused since the last failure.
    pub refusal_noted: bool,
}

/// Locks the count of a subject until the transaction ends and reads it.
pub fn lock(tx: &mut Transaction<'_>, subject: &str) -> Result<Option<Failures>, StoreError> {
    lock_key(tx, "sign_in_failures", subject)?;
    Ok(sign_in_failures::table.find(subject).select(Failures::as_select()).first(tx.connection).optional()?)
}

/// Lists the counts of several subjects.
pub fn list(tx: &mut Transaction<'_>, subjects: &[String]) -> Result<Vec<Failures>, StoreError> {
    let theirs = sign_in_failures::table.filter(sign_in_failures::subject.eq_any(subjects));
    Ok(theirs.select(Failures::as_select()).load(tx.connection)?)
}

/// Inserts the count of a subject that is locked and has none.
pub fn insert(tx: &mut Transaction<'_>, failures: &Failures) -> Result<(), StoreError> {
    diesel::insert_into(sign_in_failures::table).values(failures).execute(tx.connection)?;
    Ok(())
}

/// Replaces the count of a subject that is locked, or inserts it where it is gone: an old count is deleted without the
/// lock.
pub fn upsert(tx: &mut Transaction<'_>, failures: &Failures) -> Result<(), StoreError> {
    let row = sign_in_failures::table.find(&failures.subject);
    if update(row).set(failures).execute(tx.connection)? == 0 {
        insert(tx, failures)?;
    }
    Ok(())
}

/// Deletes the count of a subject.
pub fn delete(tx: &mut Transaction<'_>, subject: &str) -> Result<(), StoreError> {
    diesel::delete(sign_in_failures::table.find(subject)).execute(tx.connection)?;
    Ok(())
}

/// Counts, by their last failure.
pub const COUNTS: OldRows =
    OldRows { table: "sign_in_failures", key: "subject", age: Age::Time("last_failed_at"), condition: "" };
