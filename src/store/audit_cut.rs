//! Deleting entries of the audit trail that have served their time: whole sealed batches alone, the oldest first. Their heads
//! stay (LO-06).

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, lock_key, update},
    schema::{audit_batches, audit_erasures, audit_events, audit_seals},
};
use crate::types::{AuditEventId, UtcTime};

/// Batches whose entries are kept, by the time at which they were sealed.
pub const KEPT: OldRows =
    OldRows { table: "audit_batches", key: "number", age: Age::Time("sealed_at"), condition: "cut_by IS NULL" };

/// The last batch that was sealed at a time or before, where its entries are kept.
pub fn find_old(tx: &mut Transaction<'_>, until: UtcTime) -> Result<Option<OldBatches>, StoreError> {
    let old = audit_batches::table
        .filter(audit_batches::cut_by.is_null())
        .filter(audit_batches::sealed_at.le(until))
        .order(audit_batches::sealed_at.desc())
        .select((audit_batches::number, audit_batches::last_position));
    Ok(old.first(tx.connection).optional()?)
}

/// Batches up to one of them, whose entries have served their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct OldBatches {
    /// The number of the last one.
    pub last_number: i64,
    /// The position of its last entry.
    pub last_position: i64,
}

impl OldBatches {
    /// The detail of the entry that says that they were given up. The verification compares it.
    #[must_use]
    pub fn detail(&self) -> String {
        format!("up to batch {}, position {}", self.last_number, self.last_position)
    }
}

/// Gives batches up, which the entry with this id tells: the triggers let nobody delete other entries.
pub fn give_up(tx: &mut Transaction<'_>, old: OldBatches, told_by: &AuditEventId) -> Result<(), StoreError> {
    lock_key(tx, "audit_events", "cut")?;
    let given_up =
        audit_batches::table.filter(audit_batches::cut_by.is_null().and(audit_batches::number.le(old.last_number)));
    update(given_up).set(audit_batches::cut_by.eq(told_by.as_str())).execute(tx.connection)?;
    Ok(())
}

/// Whether entries of given-up batches are left.
pub fn are_left(tx: &mut Transaction<'_>) -> Result<bool, StoreError> {
    Ok(!left(tx, 1)?.is_empty())
}

fn left(tx: &mut Transaction<'_>, most: i64) -> Result<Vec<(i64, String)>, StoreError> {
    let cut = audit_batches::table.filter(audit_batches::cut_by.is_not_null());
    let last = cut.order(audit_batches::last_position.desc()).select(audit_batches::last_position);
    let Some(last) = last.first::<i64>(tx.connection).optional()? else { return Ok(Vec::new()) };
    let of_cut = audit_seals::table.filter(audit_seals::position.le(last)).order(audit_seals::position);
    Ok(of_cut.limit(most).select((audit_seals::position, audit_seals::event_id)).load(tx.connection)?)
}

/// Deletes at most `most` entries of given-up batches with their seals, and returns how many seals there were.
pub fn delete(tx: &mut Transaction<'_>, most: i64) -> Result<usize, StoreError> {
    lock_key(tx, "audit_events", "cut")?;
    let left = left(tx, most)?;
    let (positions, ids): (Vec<i64>, Vec<String>) = left.into_iter().unzip();
    diesel::delete(audit_events::table.filter(audit_events::id.eq_any(&ids))).execute(tx.connection)?;
    diesel::delete(audit_seals::table.filter(audit_seals::position.eq_any(&positions))).execute(tx.connection)?;
    // The list of an erasure goes with its entry.
    diesel::delete(audit_erasures::table.filter(audit_erasures::erased_by.eq_any(&ids))).execute(tx.connection)?;
    Ok(positions.len())
}
