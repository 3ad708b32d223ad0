//! The customer numbers at which something was seen, one bit for each, and counts of them.

/// How many customer numbers there can be.
pub(super) const NUMBERS: usize = 1_000_000;
/// The words of 64 bits that hold one bit for each number.
const WORDS: usize = NUMBERS.div_ceil(64);

/// Counts of different customer numbers, over the present period and the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// The numbers at which attempts of unknown devices failed and none succeeded.
    pub failing: i64,
    /// The numbers at which an attempt of an unknown device succeeded.
    pub succeeding: i64,
    /// The numbers that a reset was asked for.
    pub asking: i64,
}

impl Counts {
    /// The numbers of one word for each signal.
    pub(super) fn of(word: impl Fn(Signal) -> u64) -> Self {
        let (failed, succeeded) = (word(Signal::Failed), word(Signal::Succeeded));
        Self {
            failing: (failed & !succeeded).count_ones().into(),
            succeeding: succeeded.count_ones().into(),
            asking: word(Signal::Asked).count_ones().into(),
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            failing: self.failing - other.failing,
            succeeding: self.succeeding - other.succeeding,
            asking: self.asking - other.asking,
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            failing: self.failing + other.failing,
            succeeding: self.succeeding + other.succeeding,
            asking: self.asking + other.asking,
        }
    }
}

/// A signal that is seen at a customer number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// An unknown device tries a password. The attempt counts as failed until it has succeeded. Otherwise guesses that
    /// are made at the same time would be noticed after the last of them.
    Failed,
    /// An unknown device had the right password. Successes of known devices do not count, since they would hide an
    /// attack.
    Succeeded,
    /// A reset is asked for the number.
    Asked,
}

/// The numbers at which each signal was seen: one bit for each number, once there is a signal.
#[derive(Default)]
pub(super) struct Seen(pub(super) [Vec<u64>; 3]);

impl Seen {
    pub(super) fn word(&self, signal: Signal, index: usize) -> u64 {
        let [failed, succeeded, asked] = &self.0;
        let words = match signal {
            Signal::Failed => failed,
            Signal::Succeeded => succeeded,
            Signal::Asked => asked,
        };
        words.get(index).copied().unwrap_or(0)
    }

    pub(super) fn counts_in(&self, index: usize, mask: u64) -> Counts {
        Counts::of(|signal| self.word(signal, index) & mask)
    }

    pub(super) fn insert(&mut self, signal: Signal, number: usize) {
        let [failed, succeeded, asked] = &mut self.0;
        let words = match signal {
            Signal::Failed => failed,
            Signal::Succeeded => succeeded,
            Signal::Asked => asked,
        };
        words.resize(WORDS, 0);
        if let Some(word) = words.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }
}
