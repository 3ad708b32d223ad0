//! What a wrong password costs, so that neither a number without a hash nor the renewal of a hash can be told by time
//! (PW-13).
//!
//! Each attempt takes one argon2 of the present cost and, besides, the works of the number's [`CostClass`]: what other
//! schemes and earlier argon2 settings cost. A number keeps its class, whatever becomes of its hash:
//!
//! - A hash of another scheme or cost makes the class. When it is renewed, the account keeps the class as its
//!   *lasting* cost, and every later attempt does the same work for its time alone.
//! - A number without account or password has a class too: a keyed hash of the number picks it, in the proportions of
//!   the classes among all stored hashes. When such an account gets its first password, it keeps that class.
//! - A work ends for all numbers at once, with the last stored hash that needs it.
//!
//! So a stranger who polls a number sees the same cost before and after its owner was there. What can be seen is that a
//! number was imported with a class other than the one it was polled with, and that the last hash of a work is gone.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;

use super::foreign::{StoredHash, Work};
use crate::types::{HashScheme, UtcTime};

/// The age from which on the counts are made again.
const COUNTED_FOR: TimeDelta = TimeDelta::minutes(10);
/// Between the texts of two works. No text of a work has it.
const SEPARATOR: char = '+';

/// The works that an attempt takes besides one argon2 of the present cost. Each stands there once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CostClass(Vec<Work>);

impl CostClass {
    /// The class of an account with a hash: its lasting cost, and what its stored hash needs.
    #[must_use]
    pub fn of_account(lasting: Option<&str>, stored_cost: Option<&str>, present: &Work) -> Self {
        let mut works: Vec<Work> = Vec::new();
        for work in read_works(lasting).chain(read_works(stored_cost)) {
            if work != *present && !works.contains(&work) {
                works.push(work);
            }
        }
        Self(works)
    }

    /// The text for the table; `None` for the class of those that pay argon2 alone.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| write_works(&self.0))
    }
}

/// Writes the works that a stored hash needs, as the table keeps them beside the hash.
pub(super) fn cost_of(hash: &StoredHash) -> String {
    write_works(hash.works())
}

fn write_works<'a>(works: impl IntoIterator<Item = &'a Work>) -> String {
    let texts: Vec<String> = works.into_iter().map(Work::to_string).collect();
    texts.join(&SEPARATOR.to_string())
}

/// Reads works. One that a later release has written is passed over.
fn read_works(text: Option<&str>) -> impl Iterator<Item = Work> {
    text.into_iter().flat_map(|text| text.split(SEPARATOR)).filter_map(|work| work.parse().ok())
}

/// How many accounts have a hash of one cost, as the table counts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostCount {
    /// What the accounts go on costing after a renewal.
    pub lasting: Option<String>,
    /// What the stored hashes cost.
    pub stored: String,
    /// The number of accounts.
    pub accounts: i64,
}

/// The classes of the stored hashes with their numbers.
#[derive(Debug, Default)]
pub struct CostCounts {
    /// Each class with the number of accounts up to and including its own.
    classes: Vec<(u64, CostClass)>,
    /// The works that some stored hash needs.
    needed: Vec<Work>,
    schemes: Vec<(HashScheme, i64)>,
}

impl CostCounts {
    /// Sums up the rows of the table. `present` is the work of a new hash.
    #[must_use]
    pub fn new(rows: &[CostCount], present: &Work) -> Self {
        let mut counts = Self::default();
        let mut classes: Vec<(String, u64, CostClass)> = Vec::new();
        for CostCount { lasting, stored, accounts } in rows {
            let class = CostClass::of_account(lasting.as_deref(), Some(stored), present);
            let (text, accounts) = (class.text().unwrap_or_default(), u64::try_from(*accounts).unwrap_or(0));
            // A few classes are the rule. Rounds that vary by account make thousands, so they are sorted.
            match classes.binary_search_by(|(other, ..)| other.cmp(&text)) {
                Ok(place) => {
                    if let Some((_, sum, _)) = classes.get_mut(place) {
                        *sum += accounts;
                    }
                }
                Err(place) => classes.insert(place, (text, accounts, class)),
            }
            counts.count_stored(stored, accounts, present);
        }
        let mut sum = 0;
        counts.classes = classes
            .into_iter()
            .map(|(_, accounts, class)| {
                sum += accounts;
                (sum, class)
            })
            .collect();
        counts
    }

    fn count_stored(&mut self, stored: &str, accounts: u64, present: &Work) {
        let works: Vec<Work> = read_works(Some(stored)).collect();
        let scheme = match works.as_slice() {
            [work] if work == present => HashScheme::Present,
            [work] => work.scheme(),
            _ => HashScheme::Wrapped,
        };
        let accounts = i64::try_from(accounts).unwrap_or(i64::MAX);
        match self.schemes.iter_mut().find(|(other, _)| *other == scheme) {
            Some((_, sum)) => *sum += accounts,
            None => self.schemes.push((scheme, accounts)),
        }
        for work in works {
            if !self.needed.contains(&work) {
                self.needed.push(work);
            }
        }
    }

    /// The class of a number without a hash. Over many numbers each class has the share that it has among the stored
    /// hashes, and a number always has the same class, or changes it once, while the table grows.
    #[must_use]
    pub fn pick(&self, keyed_hash: u64) -> CostClass {
        let total = self.classes.last().map_or(0, |(sum, _)| *sum);
        // Scaled, in place of the remainder, so that a number keeps its place while the table grows.
        let place = u64::try_from((u128::from(keyed_hash) * u128::from(total)) >> 64).unwrap_or(0);
        let index = self.classes.partition_point(|(sum, _)| *sum <= place);
        self.classes.get(index).map_or_else(CostClass::default, |(_, class)| class.clone())
    }

    /// The works of a class that are still done: those that some stored hash needs.
    #[must_use]
    pub fn due(&self, class: &CostClass) -> Vec<Work> {
        class.0.iter().filter(|work| self.needed.contains(work)).cloned().collect()
    }

    /// How many accounts have a hash of a scheme.
    #[must_use]
    pub fn with_scheme(&self, scheme: HashScheme) -> i64 {
        self.schemes.iter().find(|(other, _)| *other == scheme).map_or(0, |(_, accounts)| *accounts)
    }
}

type Counted = Arc<CostCounts>;

/// The last counts of the stored hashes.
#[derive(Default)]
pub struct CostCensus(Mutex<Option<(UtcTime, Counted)>>);

impl CostCensus {
    /// The last counts; `None` before the first.
    pub fn last(&self) -> Option<Counted> {
        let census = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        census.as_ref().map(|(_, counts)| counts.clone())
    }

    /// Whether the counts are old, older than the last import, or there are none.
    pub fn is_due(&self, now: UtcTime, imported_at: Option<UtcTime>) -> bool {
        let census = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        census.as_ref().is_none_or(|(counted_at, _)| {
            now - *counted_at >= COUNTED_FOR || imported_at.is_some_and(|imported_at| imported_at >= *counted_at)
        })
    }

    /// Stores new counts.
    pub fn set(&self, counts: CostCounts, now: UtcTime) -> Counted {
        let counts = Arc::new(counts);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, counts.clone()));
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESENT: &str = "$argon2id$v=19$m=19456,t=2,p=1";
    const BCRYPT: &str = "$bcrypt$c=12";
    const SSHA: &str = "$ssha";

    fn counts(rows: &[(Option<&str>, &str, i64)]) -> CostCounts {
        let rows: Vec<CostCount> = rows
            .iter()
            .map(|(lasting, stored, accounts)| CostCount {
                lasting: lasting.map(str::to_owned),
                stored: (*stored).to_owned(),
                accounts: *accounts,
            })
            .collect();
        CostCounts::new(&rows, &PRESENT.parse().unwrap())
    }

    fn picks(counts: &CostCounts, text: Option<&str>) -> usize {
        let hashes = (0..4000).map(|step| step * (u64::MAX / 4000));
        hashes.filter(|hash| counts.pick(*hash).text().as_deref() == text).count()
    }

    #[test]
    fn pw_13_dummies_take_the_stored_costs_in_the_stored_proportions() {
        let mixture = counts(&[(None, BCRYPT, 30), (None, PRESENT, 10)]);
        let foreign = picks(&mixture, Some(BCRYPT));
        assert!((2999..=3001).contains(&foreign), "{foreign} of 4000");
        let grown = counts(&[(None, BCRYPT, 30), (None, PRESENT, 11)]);
        let hashes = (0..4000).map(|step| step * (u64::MAX / 4000));
        let changed = hashes.filter(|hash| mixture.pick(*hash) != grown.pick(*hash)).count();
        assert!(changed < 100, "{changed} of 4000 changed their cost with one more account");
        assert_eq!(counts(&[]).pick(7), CostClass::default());
    }

    /// The renewal of a hash changes neither the class of its number nor that of any other, and the work goes on until
    /// no stored hash needs it.
    #[test]
    fn pw_13_a_renewal_changes_the_class_of_no_number() {
        let present: Work = PRESENT.parse().unwrap();
        let before = CostClass::of_account(None, Some(BCRYPT), &present);
        let after = CostClass::of_account(before.text().as_deref(), Some(PRESENT), &present);
        assert_eq!(before, after);
        let old = counts(&[(None, BCRYPT, 30), (None, PRESENT, 10)]);
        let renewed = counts(&[(None, BCRYPT, 1), (Some(BCRYPT), PRESENT, 29), (None, PRESENT, 10)]);
        for step in 0..4000 {
            assert_eq!(old.pick(step * (u64::MAX / 4000)), renewed.pick(step * (u64::MAX / 4000)));
        }
        assert_eq!(renewed.due(&after).len(), 1);
        let over = counts(&[(Some(BCRYPT), PRESENT, 30), (None, PRESENT, 10)]);
        assert_eq!(over.due(&after), []);
    }

    /// Argon2 settings that were raised twice since an import.
    #[test]
    fn pw_13_a_class_gathers_every_cost_that_its_number_has_had() {
        let present: Work = PRESENT.parse().unwrap();
        let old = "$argon2id$v=19$m=9000,t=2,p=1";
        let class = CostClass::of_account(Some(BCRYPT), Some(old), &present);
        assert_eq!(class.text().unwrap(), format!("{BCRYPT}+{old}"));
        assert_eq!(CostClass::of_account(class.text().as_deref(), Some(PRESENT), &present), class);
    }

    #[test]
    fn pw_11_a_wrapped_hash_has_the_class_of_the_bare_one() {
        let present: Work = PRESENT.parse().unwrap();
        let wrapped = format!("{SSHA}+{PRESENT}");
        let bare = CostClass::of_account(None, Some(SSHA), &present);
        assert_eq!(CostClass::of_account(None, Some(&wrapped), &present), bare);
        let counted = counts(&[(None, SSHA, 3), (None, &wrapped, 4), (None, PRESENT, 5), (None, "$future", 1)]);
        assert_eq!(counted.with_scheme(HashScheme::Ssha), 3);
        assert_eq!(counted.with_scheme(HashScheme::Present), 5);
        assert_eq!(counted.with_scheme(HashScheme::Bcrypt), 0);
        assert_eq!(counted.due(&bare).len(), 1);
    }
}
