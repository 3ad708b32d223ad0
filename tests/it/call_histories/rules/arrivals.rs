//! What holds of mails and webhooks alike: each has one id and one content. It is sent until the other side has taken
//! it, and then once more only where the record of that may be lost.

use std::{collections::BTreeMap, fmt::Debug};

use crate::call_histories::history::{History, Mail, Micros, Webhook};

/// Something that arrived, perhaps repeatedly.
pub(super) trait Arrival: Debug {
    /// What the other side knows it again by.
    fn id(&self) -> &str;
    fn at(&self) -> Micros;
    fn checksum(&self) -> u64;
    fn is_taken(&self) -> bool;
}

impl Arrival for Mail {
    fn id(&self) -> &str {
        &self.key
    }

    fn at(&self) -> Micros {
        self.at
    }

    fn checksum(&self) -> u64 {
        self.checksum
    }

    fn is_taken(&self) -> bool {
        self.is_taken
    }
}

impl Arrival for Webhook {
    fn id(&self) -> &str {
        &self.id
    }

    fn at(&self) -> Micros {
        self.at
    }

    fn checksum(&self) -> u64 {
        self.checksum
    }

    fn is_taken(&self) -> bool {
        self.is_taken
    }
}

pub(super) fn by_id<T: Arrival>(arrivals: &[T]) -> BTreeMap<&str, Vec<&T>> {
    let mut by_id: BTreeMap<&str, Vec<&T>> = BTreeMap::new();
    for arrival in arrivals {
        by_id.entry(arrival.id()).or_default().push(arrival);
    }
    by_id
}

/// Those that did not keep their content.
pub(super) fn changed<T: Arrival>(arrivals: &[T]) -> Vec<String> {
    let by_id = by_id(arrivals);
    let differ = by_id.values().filter(|same| same.iter().any(|one| one.checksum() != same[0].checksum()));
    differ.map(|same| format!("{same:?}")).collect()
}

/// Those that were sent again although the other side had taken them and nothing was disturbed.
pub(super) fn sent_again<T: Arrival>(history: &History, arrivals: &[T]) -> Vec<String> {
    let mut found = Vec::new();
    for same in by_id(arrivals).values() {
        let Some(taken) = same.iter().find(|one| one.is_taken()) else { continue };
        let again = same.iter().filter(|one| one.at() > taken.at() && !history.is_disturbed(taken.at(), one.at()));
        found.extend(again.map(|one| format!("{taken:?}, {one:?}")));
    }
    found
}
