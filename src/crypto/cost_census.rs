//! The costs of the stored hashes, so that a number without a hash costs as much as one with (PW-13).

use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;

use crate::types::UtcTime;

/// The age from which on the counts are made again.
const COUNTED_FOR: TimeDelta = TimeDelta::minutes(10);

type Counts = Arc<Vec<(String, i64)>>;

/// The number of stored hashes of each cost. After a change of the argon2 settings old and new costs exist side by
/// side. If unknown numbers always had the new cost, the old one would tell that a number has an account.
#[derive(Default)]
pub struct CostCensus(Mutex<Option<(UtcTime, Counts)>>);

impl CostCensus {
    /// The last counts; `None` before the first.
    pub fn last(&self) -> Option<Counts> {
        let census = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        census.as_ref().map(|(_, counts)| counts.clone())
    }

    /// Whether the counts are old, or there are none.
    pub fn is_due(&self, now: UtcTime) -> bool {
        let census = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        census.as_ref().is_none_or(|(counted_at, _)| now - *counted_at >= COUNTED_FOR)
    }

    /// Stores new counts.
    pub fn set(&self, counts: Vec<(String, i64)>, now: UtcTime) -> Counts {
        let counts = Arc::new(counts);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, counts.clone()));
        counts
    }
}

/// The cost for a number without a hash. Over many numbers each cost has the share that it has among the stored hashes,
/// and a number always has the same cost. `None` where no hash is stored.
#[must_use]
pub fn pick_cost(counts: &[(String, i64)], keyed_hash: u64) -> Option<&str> {
    let total: u64 = counts.iter().filter_map(|(_, count)| u64::try_from(*count).ok()).sum();
    // Scaled, in place of the remainder, so that a number keeps its cost, or changes it once, while the table grows.
    let mut place = u64::try_from((u128::from(keyed_hash) * u128::from(total)) >> 64).ok()?;
    for (cost, count) in counts {
        let count = u64::try_from(*count).unwrap_or(0);
        if place < count {
            return Some(cost);
        }
        place -= count;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pw_13_dummies_take_the_stored_costs_in_the_stored_proportions() {
        let counts = [("old".to_owned(), 30), ("new".to_owned(), 10)];
        let hashes = || (0..4000).map(|step| step * (u64::MAX / 4000));
        let old = hashes().filter(|hash| pick_cost(&counts, *hash) == Some("old")).count();
        assert!((2999..=3001).contains(&old), "{old} of 4000");
        let grown = [("old".to_owned(), 30), ("new".to_owned(), 11)];
        let changed = hashes().filter(|hash| pick_cost(&counts, *hash) != pick_cost(&grown, *hash)).count();
        assert!(changed < 100, "{changed} of 4000 changed their cost with one more account");
        assert_eq!(pick_cost(&counts, 7), pick_cost(&counts, 7));
        assert_eq!(pick_cost(&[], 7), None);
    }
}
