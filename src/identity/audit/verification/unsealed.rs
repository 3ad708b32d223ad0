//! Entries without a seal: those that wait for it, and those that somebody has put past the queue.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::report::{FindingKind, Place, Report};
use crate::store::{
    StoreError, Transaction,
    audit_check::{self, IdPage},
};

/// How many rows are read at once.
const PAGE: i64 = 2_000;
/// The most entries of the queue that are held in memory.
const MOST_WAITING: usize = 200_000;
/// Within this time an entry is sealed (LO-06).
const SEALED_WITHIN: TimeDelta = TimeDelta::seconds(60);

/// The ids of the entries that wait.
pub(super) struct WaitingIds {
    pub(super) ids: BTreeSet<String>,
    /// Whether there are more than are held.
    are_all: bool,
}

impl WaitingIds {
    /// Reads the queue, and names entries of it that are gone.
    pub(super) fn read(tx: &mut Transaction<'_>, report: &mut Report) -> Result<Self, StoreError> {
        let (mut after, mut ids, mut oldest) = (i64::MIN, BTreeSet::new(), None);
        loop {
            let page = audit_check::queued(tx, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            let first = page.first().map(|queued| queued.occurred_at);
            oldest = oldest.or(first);
            let of_page: Vec<&str> = page.iter().map(|queued| queued.event_id.as_str()).collect();
            let present: BTreeSet<String> = audit_check::present(tx, &of_page)?.into_iter().collect();
            for queued in page {
                report.waiting += 1;
                if !present.contains(&queued.event_id) {
                    let message = "the entry was deleted before it was sealed";
                    report.add(FindingKind::Removed, Place::event(&queued.event_id), message);
                } else if ids.len() < MOST_WAITING {
                    ids.insert(queued.event_id);
                }
            }
        }
        if oldest.is_some_and(|oldest| oldest + SEALED_WITHIN < tx.now) {
            let message = "entries have waited for their seal for more than a minute: does a worker run?";
            report.add(FindingKind::Unsealed, Place::default(), message);
        }
        let are_all = ids.len() < MOST_WAITING;
        Ok(Self { ids, are_all })
    }

    /// Names entries that are neither sealed nor wait for their seal. While more wait than are held, as in the first minutes
    /// after an upgrade, none can be told from them.
    pub(super) fn check(&self, tx: &mut Transaction<'_>, report: &mut Report) -> Result<(), StoreError> {
        if !self.are_all {
            return Ok(());
        }
        let mut after = String::new();
        loop {
            let IdPage { unsealed, last } = audit_check::ids_without_seal(tx, &after, PAGE)?;
            for id in unsealed.iter().filter(|id| !self.ids.contains(*id)) {
                report.add(
                    FindingKind::Inserted,
                    Place::event(id),
                    "the entry is not sealed, and does not wait for its seal",
                );
            }
            let Some(last) = last else { return Ok(()) };
            after = last;
        }
    }
}
