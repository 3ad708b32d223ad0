//! The seal of the audit trail (LO-06): entries that wait for it, the seals themselves, and the batches that they were made
//! in. Triggers let each entry wait, and note which entries an erasure empties; `audit_check` reads what is sealed.

use diesel::prelude::*;

use super::{
    engine::{AnyConnection, StoreError, Transaction, lock_key, update},
    events::{self, NewEvent},
    schema::{audit_batches, audit_erasures, audit_events, audit_seals, audit_unsealed},
};
use crate::types::UtcTime;

/// An entry as it is sealed. Its columns are texts as they are stored: an entry of a later version, or one that somebody
/// changed, is read as well.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit_events)]
pub struct TrailRow {
    /// The id.
    pub id: String,
    /// When it happened.
    pub occurred_at: UtcTime,
    /// The name of the event.
    pub event: String,
    /// The actor.
    pub actor: String,
    /// The customer number.
    pub customer_number: Option<String>,
    /// The account.
    pub account_id: Option<String>,
    /// The reset request.
    pub reset_request_id: Option<String>,
    /// The network of the actor.
    pub source: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// The detail.
    pub detail: Option<String>,
    /// The session.
    pub session_id: Option<String>,
    /// The device.
    pub device_id: Option<String>,
}

/// A seal, both to insert and as a row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_seals, treat_none_as_default_value = false)]
pub struct Seal {
    /// The position of the entry.
    pub position: i64,
    /// The id of the entry.
    pub event_id: String,
    /// The salt of the commitment, in hexadecimal digits; `None` once the entry is erased.
    pub salt: Option<String>,
    /// The salted hash of what an erasure empties.
    pub commitment: String,
    /// The hash of the entry.
    pub row_hash: String,
}

/// A batch of seals, both to insert and as a row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_batches, treat_none_as_default_value = false)]
pub struct Batch {
    /// The number. The first one is 1, and there are no gaps.
    pub number: i64,
    /// The position of its first entry.
    pub first_position: i64,
    /// The position of its last entry.
    pub last_position: i64,
    /// When it was sealed.
    pub sealed_at: UtcTime,
    /// The head of the batch before; `None` for the first one.
    pub previous_head: Option<String>,
    /// The key of the batch before, whose signature was checked; `None` for the first batch, and where the check failed.
    pub previous_key_id: Option<String>,
    /// The hash over the batch and the hashes of its entries.
    pub head: String,
    /// The id of the key that has signed the head.
    pub key_id: String,
    /// The public key, in Base64url.
    pub public_key: String,
    /// The signature, in Base64url.
    pub signature: String,
    /// When other systems were told the head; `None` where they were not.
    pub told_at: Option<UtcTime>,
    /// The entry that says that the entries of the batch were deleted; `None` while they are kept.
    pub cut_by: Option<String>,
}

/// An entry that waits for its seal.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The place in the queue.
    pub seq: i64,
    /// The entry.
    pub row: TrailRow,
    /// The ids of the entries that it has emptied, where it tells of an erasure.
    pub erased: Vec<String>,
}

/// What there is to seal, as it stands at one moment.
#[derive(Debug, Clone)]
pub struct ToSeal {
    /// The entries, in the order of the queue.
    pub entries: Vec<Waiting>,
    /// How many of them an erasure has emptied.
    pub emptied: i64,
    /// The last place of the queue that was looked at; `None` behind its end.
    pub looked_at: Option<i64>,
    /// The last batch.
    pub last: Option<Batch>,
}

/// The entry whose list of emptied entries is sealed with it.
pub const ERASURE: &str = "user_deleted";

/// Reads at most `most` entries that wait behind a place of the queue. Those whose entry is gone, or is sealed already, were
/// tampered with: they are left where they are, for `audit_check`.
pub fn read_waiting(tx: &mut Transaction<'_>, after: i64, most: i64) -> Result<ToSeal, StoreError> {
    let queue: Vec<(i64, String)> = audit_unsealed::table
        .filter(audit_unsealed::seq.gt(after))
        .order(audit_unsealed::seq)
        .limit(most)
        .select((audit_unsealed::seq, audit_unsealed::event_id))
        .load(tx.connection)?;
    let looked_at = queue.last().map(|(seq, _)| *seq);
    let ids: Vec<&str> = queue.iter().map(|(_, id)| id.as_str()).collect();
    let sealed = sealed_among(tx, &ids)?;
    let mut rows = rows_of(tx, &ids)?;
    let mut entries = Vec::new();
    for (seq, id) in &queue {
        if sealed.contains(id) {
            continue;
        }
        // An entry that waits twice is taken once.
        let Some(place) = rows.iter().position(|row| row.id == *id) else { continue };
        let row = rows.swap_remove(place);
        let erased = if row.event == ERASURE { erased_by(tx, &row.id)? } else { Vec::new() };
        entries.push(Waiting { seq: *seq, row, erased });
    }
    let taken: Vec<&str> = entries.iter().map(|entry| entry.row.id.as_str()).collect();
    let emptied = count_emptied(tx, &taken)?;
    Ok(ToSeal { emptied, entries, looked_at, last: last_batch(tx)? })
}

/// Whether an entry waits.
pub fn are_waiting(tx: &mut Transaction<'_>) -> Result<bool, StoreError> {
    Ok(oldest_waiting(tx)?.is_some())
}

/// The time of the entry that has waited longest.
pub fn oldest_waiting(tx: &mut Transaction<'_>) -> Result<Option<UtcTime>, StoreError> {
    let first = audit_unsealed::table.order(audit_unsealed::seq).select(audit_unsealed::occurred_at);
    Ok(first.first(tx.connection).optional()?)
}

/// The last batch.
pub fn last_batch(tx: &mut Transaction<'_>) -> Result<Option<Batch>, StoreError> {
    let newest = audit_batches::table.order(audit_batches::number.desc()).select(Batch::as_select());
    Ok(newest.first(tx.connection).optional()?)
}

/// The ids of the entries that were emptied by an erasure.
pub fn erased_by(tx: &mut Transaction<'_>, erasure: &str) -> Result<Vec<String>, StoreError> {
    let emptied = audit_erasures::table.filter(audit_erasures::erased_by.eq(erasure));
    Ok(emptied.select(audit_erasures::event_id).load(tx.connection)?)
}

/// The entries with these ids.
pub(in crate::store) fn rows_of(tx: &mut Transaction<'_>, ids: &[&str]) -> Result<Vec<TrailRow>, StoreError> {
    let rows = audit_events::table.filter(audit_events::id.eq_any(ids)).select(TrailRow::as_select());
    Ok(rows.load(tx.connection)?)
}

/// Which of these entries are sealed.
pub(in crate::store) fn sealed_among(tx: &mut Transaction<'_>, ids: &[&str]) -> Result<Vec<String>, StoreError> {
    let sealed = audit_seals::table.filter(audit_seals::event_id.eq_any(ids)).select(audit_seals::event_id);
    Ok(sealed.load(tx.connection)?)
}

fn count_emptied(tx: &mut Transaction<'_>, ids: &[&str]) -> Result<i64, StoreError> {
    let emptied = audit_erasures::table.filter(audit_erasures::event_id.eq_any(ids)).count();
    Ok(emptied.get_result(tx.connection)?)
}

/// A batch that was prepared outside a transaction.
#[derive(Debug, Clone)]
pub struct PreparedBatch {
    /// The batch.
    pub batch: Batch,
    /// The seals of its entries.
    pub seals: Vec<Seal>,
    /// The places of its entries in the queue.
    pub seqs: Vec<i64>,
    /// How many of its entries an erasure had emptied when they were read.
    pub emptied: i64,
}

/// How storing a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The entries are sealed.
    Sealed,
    /// Another instance has sealed, or an erasure has emptied one of the entries, since they were read. Nothing was
    /// stored.
    Overtaken,
}

/// Stores a batch, unless something has changed since its entries were read. One transaction seals at a time, and an erasure
/// waits for it on PostgreSQL, so that no seal is stored with the salt of an entry that was just emptied.
pub fn store(tx: &mut Transaction<'_>, prepared: &PreparedBatch) -> Result<Stored, StoreError> {
    lock_key(tx, "audit_events", "seal")?;
    let PreparedBatch { batch, seals, seqs, emptied } = prepared;
    let ids: Vec<&str> = seals.iter().map(|seal| seal.event_id.as_str()).collect();
    let last = last_batch(tx)?.map_or(0, |last| last.number);
    if last + 1 != batch.number || count_emptied(tx, &ids)? != *emptied {
        return Ok(Stored::Overtaken);
    }
    match &mut *tx.connection {
        AnyConnection::Postgres(connection) => {
            diesel::insert_into(audit_seals::table).values(seals).execute(connection)?;
        }
        AnyConnection::Sqlite(connection) => {
            for seal in seals {
                diesel::insert_into(audit_seals::table).values(seal).execute(connection)?;
            }
        }
    }
    diesel::insert_into(audit_batches::table).values(batch).execute(tx.connection)?;
    diesel::delete(audit_unsealed::table.filter(audit_unsealed::seq.eq_any(seqs))).execute(tx.connection)?;
    Ok(Stored::Sealed)
}

/// Finds the last batch, where other systems were not told its head, and none since a time.
pub fn find_untold(tx: &mut Transaction<'_>, none_since: UtcTime) -> Result<Option<Batch>, StoreError> {
    let Some(last) = last_batch(tx)?.filter(|last| last.told_at.is_none()) else { return Ok(None) };
    let told_at: Option<UtcTime> = audit_batches::table
        .filter(audit_batches::told_at.is_not_null())
        .order(audit_batches::number.desc())
        .select(audit_batches::told_at.assume_not_null())
        .first(tx.connection)
        .optional()?;
    Ok(Some(last).filter(|_| told_at.is_none_or(|told_at| told_at <= none_since)))
}

/// Tells other systems the head of a batch, once.
pub fn tell(tx: &mut Transaction<'_>, number: i64, event: NewEvent) -> Result<(), StoreError> {
    let untold =
        audit_batches::table.filter(audit_batches::number.eq(number).and(audit_batches::told_at.is_null()));
    if update(untold).set(audit_batches::told_at.eq(tx.now)).execute(tx.connection)? == 1 {
        events::insert(tx, &[event])?;
    }
    Ok(())
}
