//! What the verification of the sealed trail reads (LO-06), page by page: batches, seals with their entries, and entries
//! that have no seal.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::{
    audit_seals::{Batch, ERASURE, Seal, TrailRow, rows_of, sealed_among},
    engine::{StoreError, Transaction},
    schema::{audit_batches, audit_erasures, audit_events, audit_seals, audit_unsealed},
};
use crate::types::UtcTime;

/// A seal with what it is of.
#[derive(Debug, Clone)]
pub struct SealedRow {
    /// The seal.
    pub seal: Seal,
    /// The entry; `None` where it is gone.
    pub row: Option<TrailRow>,
    /// The entry of the erasure that has emptied this one; `None` where none did.
    pub erased_by: Option<Erasure>,
}

/// An entry that tells of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The id of the entry.
    pub id: String,
    /// The account that was erased.
    pub account_id: Option<String>,
    /// Whether the entry is sealed.
    pub is_sealed: bool,
}

/// Lists at most `most` batches behind a number, in their order.
pub fn batches(tx: &mut Transaction<'_>, after: i64, most: i64) -> Result<Vec<Batch>, StoreError> {
    let behind = audit_batches::table.filter(audit_batches::number.gt(after)).order(audit_batches::number);
    Ok(behind.limit(most).select(Batch::as_select()).load(tx.connection)?)
}

/// Lists at most `most` seals behind a position with their entries, in their order.
pub fn sealed_rows(tx: &mut Transaction<'_>, after: i64, most: i64) -> Result<Vec<SealedRow>, StoreError> {
    let behind = audit_seals::table.filter(audit_seals::position.gt(after)).order(audit_seals::position);
    let seals: Vec<Seal> = behind.limit(most).select(Seal::as_select()).load(tx.connection)?;
    let ids: Vec<&str> = seals.iter().map(|seal| seal.event_id.as_str()).collect();
    let mut rows: BTreeMap<String, TrailRow> =
        rows_of(tx, &ids)?.into_iter().map(|row| (row.id.clone(), row)).collect();
    let mut erased_by = erasures_of(tx, &ids)?;
    let joined = seals.into_iter().map(|seal| SealedRow {
        row: rows.remove(&seal.event_id),
        erased_by: erased_by.remove(&seal.event_id),
        seal,
    });
    Ok(joined.collect())
}

/// The erasures that have emptied these entries, by the id of the emptied entry.
fn erasures_of(tx: &mut Transaction<'_>, ids: &[&str]) -> Result<BTreeMap<String, Erasure>, StoreError> {
    let emptied: Vec<(String, Option<String>)> = audit_erasures::table
        .filter(audit_erasures::event_id.eq_any(ids))
        .select((audit_erasures::event_id, audit_erasures::erased_by))
        .load(tx.connection)?;
    let named: BTreeSet<&str> = emptied.iter().filter_map(|(_, by)| by.as_deref()).collect();
    let named: Vec<&str> = named.into_iter().collect();
    let sealed = sealed_among(tx, &named)?;
    let told = rows_of(tx, &named)?.into_iter().filter(|row| row.event == ERASURE);
    let told: BTreeMap<String, Erasure> = told
        .map(|TrailRow { id, account_id, .. }| {
            (id.clone(), Erasure { is_sealed: sealed.contains(&id), id, account_id })
        })
        .collect();
    let backed = emptied.into_iter().filter_map(|(id, by)| Some((id, told.get(&by?)?.clone())));
    Ok(backed.collect())
}

/// The newest batch whose entries were deleted after their time.
#[derive(Debug, Clone)]
pub struct Cut {
    /// The batch.
    pub batch: Batch,
    /// The entry that says so; `None` where it is gone.
    pub entry: Option<TrailRow>,
    /// Whether that entry is sealed.
    pub is_sealed: bool,
}

/// Finds the newest batch whose entries were deleted after their time.
pub fn find_cut(tx: &mut Transaction<'_>) -> Result<Option<Cut>, StoreError> {
    let cut = audit_batches::table.filter(audit_batches::cut_by.is_not_null());
    let newest = cut.order(audit_batches::last_position.desc()).select(Batch::as_select());
    let Some(batch) = newest.first::<Batch>(tx.connection).optional()? else { return Ok(None) };
    let by = [batch.cut_by.as_deref().unwrap_or_default()];
    let entry = rows_of(tx, &by)?.pop();
    let is_sealed = !sealed_among(tx, &by)?.is_empty();
    Ok(Some(Cut { batch, entry, is_sealed }))
}

/// An entry in the queue for its seal.
#[derive(Debug, Clone, Queryable)]
pub struct Queued {
    /// The place in the queue.
    pub seq: i64,
    /// The id of the entry.
    pub event_id: String,
    /// When it happened.
    pub occurred_at: UtcTime,
}

/// Lists at most `most` entries of the queue behind a place, in their order.
pub fn queued(tx: &mut Transaction<'_>, after: i64, most: i64) -> Result<Vec<Queued>, StoreError> {
    let behind = audit_unsealed::table.filter(audit_unsealed::seq.gt(after)).order(audit_unsealed::seq);
    let columns = (audit_unsealed::seq, audit_unsealed::event_id, audit_unsealed::occurred_at);
    Ok(behind.limit(most).select(columns).load(tx.connection)?)
}

/// Which of these entries there are.
pub fn present(tx: &mut Transaction<'_>, ids: &[&str]) -> Result<Vec<String>, StoreError> {
    let there = audit_events::table.filter(audit_events::id.eq_any(ids)).select(audit_events::id);
    Ok(there.load(tx.connection)?)
}

/// A page of entries in the order of their ids.
pub struct IdPage {
    /// The entries without a seal.
    pub unsealed: Vec<String>,
    /// The last id of the page; `None` where the page is empty.
    pub last: Option<String>,
}

/// Reads at most `most` ids of entries behind one, in their order.
pub fn ids_without_seal(tx: &mut Transaction<'_>, after: &str, most: i64) -> Result<IdPage, StoreError> {
    let behind = audit_events::table.filter(audit_events::id.gt(after)).order(audit_events::id);
    let ids: Vec<String> = behind.limit(most).select(audit_events::id).load(tx.connection)?;
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    let sealed: BTreeSet<String> = sealed_among(tx, &all)?.into_iter().collect();
    let unsealed = ids.iter().filter(|id| !sealed.contains(*id)).cloned().collect();
    Ok(IdPage { unsealed, last: ids.into_iter().next_back() })
}
