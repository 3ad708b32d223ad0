//! Entries and batches in their canonical form.

use crate::{
    crypto::{BatchForm, ErasableValues, HeadStatement, PlacedEntry},
    store::audit_seals::{Batch, TrailRow},
};

/// What an erasure empties in an entry.
pub(super) fn erasable(row: &TrailRow) -> ErasableValues<'_> {
    ErasableValues {
        customer_number: row.customer_number.as_deref(),
        source: row.source.as_deref(),
        detail: row.detail.as_deref(),
    }
}

/// An entry at a position.
pub(super) fn placed<'a>(
    row: &'a TrailRow,
    position: i64,
    commitment: &'a str,
    erased_list: Option<&'a str>,
) -> PlacedEntry<'a> {
    PlacedEntry {
        position,
        id: &row.id,
        occurred_at: row.occurred_at,
        event: &row.event,
        actor: &row.actor,
        account_id: row.account_id.as_deref(),
        reset_request_id: row.reset_request_id.as_deref(),
        request_id: row.request_id.as_deref(),
        session_id: row.session_id.as_deref(),
        device_id: row.device_id.as_deref(),
        commitment,
        erased_list,
    }
}

/// What a batch says of itself.
pub(super) fn of_batch(batch: &Batch) -> BatchForm<'_> {
    BatchForm {
        number: batch.number,
        first_position: batch.first_position,
        last_position: batch.last_position,
        sealed_at: batch.sealed_at,
        previous_head: batch.previous_head.as_deref(),
        previous_key_id: batch.previous_key_id.as_deref(),
        key_id: &batch.key_id,
    }
}

/// What the signature of a batch covers.
pub(super) fn statement(batch: &Batch) -> HeadStatement<'_> {
    HeadStatement { batch: batch.number, position: batch.last_position, hash: &batch.head }
}
