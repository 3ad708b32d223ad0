//! Failed attempts at a password, by what they are counted on.

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, lock_key, update},
    schema::sign_in_failures,
};
use crate::types::UtcTime;

/// What is counted on one subject, both to insert and as a row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sign_in_failures, treat_none_as_default_value = false)]
pub struct Failures {
    /// A submitted number, a known device, an account's known devices together, or a group of client ids.
    pub subject: String,
    /// As of the last one.
    pub failures: i32,
    /// When that was.
    pub last_failed_at: UtcTime,
    /// Whether the trail tells that attempts are being turned away since then.
    pub refusal_noted: bool,
}

/// The count of a subject, for this transaction alone until it ends.
pub fn lock(tx: &mut Transaction<'_>, subject: &str) -> Result<Option<Failures>, StoreError> {
    lock_key(tx, "sign_in_failures", subject)?;
    Ok(sign_in_failures::table.find(subject).select(Failures::as_select()).first(tx.connection).optional()?)
}

/// The counts of several subjects.
pub fn list(tx: &mut Transaction<'_>, subjects: &[String]) -> Result<Vec<Failures>, StoreError> {
    let theirs = sign_in_failures::table.filter(sign_in_failures::subject.eq_any(subjects));
    Ok(theirs.select(Failures::as_select()).load(tx.connection)?)
}

/// Writes a count whose subject is locked; `is_counted` tells whether it had one.
pub fn put(tx: &mut Transaction<'_>, failures: &Failures, is_counted: bool) -> Result<(), StoreError> {
    let theirs = sign_in_failures::table.find(&failures.subject);
    // What is old is forgotten without the lock, so even then it may be gone.
    if !is_counted || update(theirs).set(failures).execute(tx.connection)? == 0 {
        diesel::insert_into(sign_in_failures::table).values(failures).execute(tx.connection)?;
    }
    Ok(())
}

/// Forgets a count.
pub fn delete(tx: &mut Transaction<'_>, subject: &str) -> Result<(), StoreError> {
    diesel::delete(sign_in_failures::table.find(subject)).execute(tx.connection)?;
    Ok(())
}

/// Forgets what has not failed since `failed_since`.
pub fn delete_old(tx: &mut Transaction<'_>, failed_since: UtcTime) -> Result<usize, StoreError> {
    let old = sign_in_failures::table.filter(sign_in_failures::last_failed_at.le(failed_since));
    Ok(diesel::delete(old).execute(tx.connection)?)
}
