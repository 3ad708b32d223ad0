//! The sealed entries: whether each is there, at its position, as it was sealed.

use std::collections::{BTreeSet, VecDeque};

use chrono::TimeDelta;

use super::{
    reordered::{Suspect, Suspects},
    report::{FindingKind, Place, Report},
};
use crate::{
    crypto::erased_list_hash,
    identity::audit::{
        form::{erasable, of_batch, placed},
        seal::MOST as MOST_OF_BATCH,
    },
    store::{
        StoreError, Transaction,
        audit_check::{self, Erasure, SealedRow},
        audit_seals::{self, Batch, ERASURE, Seal, TrailRow},
    },
    types::UtcTime,
};

/// How many seals are read at once.
const PAGE: i64 = 1_000;
/// An entry that is this much older than its seal, although nothing waited, was written later than it says. Reset requests
/// that wait for a worker are up to a day old.
const BACKDATED: TimeDelta = TimeDelta::days(2);

/// Reads the seals in their order, each once.
pub(super) struct Entries<'a> {
    waiting: &'a BTreeSet<String>,
    page: VecDeque<SealedRow>,
    after: i64,
    is_over: bool,
    suspects: Suspects,
    /// When the batch before was sealed, where nothing was left waiting then.
    all_sealed_at: Option<UtcTime>,
}

impl<'a> Entries<'a> {
    /// Begins behind a position.
    pub(super) fn behind(position: i64, waiting: &'a BTreeSet<String>) -> Self {
        let (page, suspects) = (VecDeque::new(), Suspects::default());
        Self { waiting, page, after: position, is_over: false, suspects, all_sealed_at: None }
    }

    /// The next seal, where its position is `last` or lower.
    fn next_up_to(&mut self, tx: &mut Transaction<'_>, last: i64) -> Result<Option<SealedRow>, StoreError> {
        if self.page.is_empty() && !self.is_over {
            self.page = audit_check::sealed_rows(tx, self.after, PAGE)?.into();
            self.is_over = self.page.is_empty();
        }
        let next = self.page.pop_front_if(|next| next.seal.position <= last);
        if let Some(next) = &next {
            self.after = next.seal.position;
        }
        Ok(next)
    }

    /// Checks the entries of a batch.
    pub(super) fn check(
        &mut self,
        tx: &mut Transaction<'_>,
        batch: &Batch,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        // Seals between two batches belong to one that is gone, which is told of the batch.
        while self.next_up_to(tx, batch.first_position - 1)?.is_some() {}
        let (mut head, mut expected, mut is_complete) = (of_batch(batch).begin(), batch.first_position, true);
        while let Some(sealed) = self.next_up_to(tx, batch.last_position)? {
            let position = sealed.seal.position;
            is_complete &= report_gap(expected, position - 1, batch, report);
            expected = position + 1;
            head.add(&sealed.seal.row_hash);
            self.check_entry(tx, sealed, batch, report)?;
        }
        is_complete &= report_gap(expected, batch.last_position, batch, report);
        if is_complete && head.finish() != batch.head {
            let message = "the batch or the stored hashes of its entries are not what was sealed";
            report.add(FindingKind::BatchChanged, Place::batch(batch.number), message);
        }
        let is_full = batch.last_position - batch.first_position + 1 >= MOST_OF_BATCH;
        self.all_sealed_at = (!is_full).then_some(batch.sealed_at);
        Ok(())
    }

    fn check_entry(
        &mut self,
        tx: &mut Transaction<'_>,
        sealed: SealedRow,
        batch: &Batch,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        report.entries += 1;
        let SealedRow { seal, row, erased_by } = sealed;
        let place = || Place { batch: Some(batch.number), ..Place::entry(seal.position, &seal.event_id) };
        let Some(row) = row else {
            report.add(FindingKind::Removed, place(), "the entry is gone");
            return Ok(());
        };
        if self.all_sealed_at.is_some_and(|sealed_at| row.occurred_at + BACKDATED < sealed_at) {
            report.add(
                FindingKind::Backdated,
                place(),
                "the entry was written long after it says that it happened",
            );
        }
        let erased_list = match row.event.as_str() {
            ERASURE => erased_list_hash(audit_seals::erased_by(tx, &row.id)?),
            _ => None,
        };
        let is_as_sealed =
            placed(&row, seal.position, &seal.commitment, erased_list.as_deref()).hash() == seal.row_hash;
        match (is_as_sealed, values_of(&row, &seal)) {
            (true, Values::AsSealed) => {}
            (true, Values::Emptied) if self.is_backed(&row, erased_by.as_ref()) => report.erased += 1,
            (true, Values::Emptied) => {
                let message = "number, network and detail were emptied, and no sealed erasure says so";
                report.add(FindingKind::Emptied, place(), message);
            }
            (false, _) | (_, Values::Changed) => {
                self.suspects.add(Suspect { seal: seal.clone(), row, erased_list }, place(), report);
            }
        }
        Ok(())
    }

    /// Whether an erasure has emptied the entry: one of its account or, where it has none, of the account that had its
    /// number.
    fn is_backed(&self, row: &TrailRow, erased_by: Option<&Erasure>) -> bool {
        erased_by.is_some_and(|erasure| {
            (row.account_id.is_none() || row.account_id == erasure.account_id)
                && (erasure.is_sealed || self.waiting.contains(&erasure.id))
        })
    }

    /// Ends: names seals that are in no batch, and says of each changed entry what it is.
    pub(super) fn finish(mut self, tx: &mut Transaction<'_>, report: &mut Report) -> Result<(), StoreError> {
        while let Some(SealedRow { seal, .. }) = self.next_up_to(tx, i64::MAX)? {
            let place = Place::entry(seal.position, &seal.event_id);
            report.add(FindingKind::Inserted, place, "the seal belongs to no batch");
        }
        self.suspects.tell(report);
        Ok(())
    }
}

/// How number, network and detail stand to what was sealed.
enum Values {
    AsSealed,
    Emptied,
    Changed,
}

fn values_of(row: &TrailRow, seal: &Seal) -> Values {
    let values = erasable(row);
    match &seal.salt {
        Some(salt) if values.commitment(salt) == seal.commitment => Values::AsSealed,
        _ if values.are_empty() => Values::Emptied,
        _ => Values::Changed,
    }
}

/// Says that seals are gone, where there are none from `first` to `last`. Returns whether none is.
fn report_gap(first: i64, last: i64, batch: &Batch, report: &mut Report) -> bool {
    if first > last {
        return true;
    }
    let place = Place { batch: Some(batch.number), ..Place::span(first, last) };
    report.add(FindingKind::Removed, place, "the entries and their seals are gone");
    false
}
