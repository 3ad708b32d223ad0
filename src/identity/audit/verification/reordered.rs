//! Entries that are not what was sealed at their position: whether each was changed, or stands at another position.

use std::collections::BTreeSet;

use super::report::{FindingKind, Place, Report};
use crate::{
    identity::audit::form::{erasable, placed},
    store::audit_seals::{Seal, TrailRow},
};

/// The most entries that are compared with each other. Of any others it is only said that they were changed.
const MOST: usize = 400;

/// An entry that does not fit its seal.
pub(super) struct Suspect {
    pub(super) seal: Seal,
    pub(super) row: TrailRow,
    pub(super) erased_list: Option<String>,
}

/// The entries that do not fit, with their places.
#[derive(Default)]
pub(super) struct Suspects(Vec<(Suspect, Place)>);

impl Suspects {
    pub(super) fn add(&mut self, suspect: Suspect, place: Place, report: &mut Report) {
        if self.0.len() < MOST {
            self.0.push((suspect, place));
        } else {
            report.add(FindingKind::Changed, place, "the entry is not what was sealed");
        }
    }

    /// Says of each entry whether it was moved or changed.
    pub(super) fn tell(self, report: &mut Report) {
        let all: Vec<&Suspect> = self.0.iter().map(|(suspect, _)| suspect).collect();
        // A removed or inserted row moves its neighbours by one.
        let positions: BTreeSet<i64> =
            all.iter().flat_map(|suspect| [-1, 0, 1].map(|by| suspect.seal.position.saturating_add(by))).collect();
        let told: Vec<(FindingKind, Place, String)> = self
            .0
            .iter()
            .map(|(suspect, place)| match suspect.sealed_at(&all, &positions) {
                Some(position) => {
                    let message = format!("the entry was sealed at position {position}");
                    (FindingKind::Reordered, place.clone(), message)
                }
                None => (FindingKind::Changed, place.clone(), suspect.difference()),
            })
            .collect();
        for (kind, place, message) in told {
            report.add(kind, place, message);
        }
    }
}

impl Suspect {
    /// The other position at which the entry was sealed, where one of these is it.
    fn sealed_at(&self, others: &[&Self], positions: &BTreeSet<i64>) -> Option<i64> {
        let elsewhere = |position: &i64| *position != self.seal.position;
        // The seal was moved with its entry.
        let moved = positions.iter().copied().filter(elsewhere).find(|position| self.fits(&self.seal, *position));
        // The seals have changed places, and their entries have not.
        let fits = |other: &Self| elsewhere(&other.seal.position) && self.fits(&other.seal, other.seal.position);
        moved.or_else(|| others.iter().find(|other| fits(other)).map(|other| other.seal.position))
    }

    /// Whether the entry is what a seal was made of, at a position.
    fn fits(&self, seal: &Seal, position: i64) -> bool {
        placed(&self.row, position, &seal.commitment, self.erased_list.as_deref()).hash() == seal.row_hash
            && seal.salt.as_ref().is_none_or(|salt| erasable(&self.row).commitment(salt) == seal.commitment)
    }

    /// What was changed, as far as that can be told.
    fn difference(&self) -> String {
        let is_rest_as_sealed =
            placed(&self.row, self.seal.position, &self.seal.commitment, self.erased_list.as_deref()).hash()
                == self.seal.row_hash;
        if is_rest_as_sealed {
            "number, network or detail of the entry is not what was sealed".to_owned()
        } else if self.erased_list.is_some() {
            "a column of the entry, or the list of the entries that it has emptied, is not what was sealed"
                .to_owned()
        } else {
            "a column of the entry, or its seal, is not what was sealed".to_owned()
        }
    }
}
