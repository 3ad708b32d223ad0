//! What stored hashes cost, so that a number without one costs the same (PW-13).

use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;

use crate::types::UtcTime;

/// How old the counts may get.
const COUNTED_FOR: TimeDelta = TimeDelta::minutes(10);

type Counts = Arc<Vec<(String, i64)>>;

/// How many stored hashes there are of each cost. After a change of the argon2 settings old and new costs
/// live side by side; if unknown numbers always had the new one, an old one would tell an account.
#[derive(Default)]
pub struct CostCensus(Mutex<Option<(UtcTime, Counts)>>);

impl CostCensus {
    /// The counts, unless they have to be taken anew.
    pub fn recent(&self, now: UtcTime) -> Option<Counts> {
        let census = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        census.as_ref().filter(|(counted_at, _)| now - *counted_at < COUNTED_FOR).map(|(_, counts)| counts.clone())
    }

    /// Keeps fresh counts.
    pub fn set(&self, counts: Vec<(String, i64)>, now: UtcTime) -> Counts {
        let counts = Arc::new(counts);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, counts.clone()));
        counts
    }
}

/// The cost that falls to a number: of many numbers each cost gets its stored share, and one number always
/// the same. `None` where no hash is stored at all.
#[must_use]
pub fn pick_cost(counts: &[(String, i64)], keyed_hash: u64) -> Option<&str> {
    let total: u64 = counts.iter().filter_map(|(_, count)| u64::try_from(*count).ok()).sum();
    // Scaled, and not the remainder: while the table grows a number keeps its cost, or changes it once.
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
