//! Noticing an attack that goes over many numbers, where no limit on one number or one source is met (RL-05).

use std::{
    mem,
    sync::{Mutex, PoisonError},
};

use chrono::TimeDelta;

use crate::{
    config::{Limit, LimitsConfig},
    types::{CustomerNumber, Id, UtcTime},
};

/// Once a proof of work is asked for, it is for so long after the last sign of an attack.
const HELD_FOR: TimeDelta = TimeDelta::minutes(30);
/// At so many times the numbers that begin it, the proof of work becomes harder.
const HARDER_AT: [i64; 2] = [10, 50];
/// There are no more customer numbers than that.
const NUMBERS: usize = 1_000_000;
const WORDS: usize = NUMBERS.div_ceil(64);

/// How hard a proof of work is asked for; 0 for none.
pub type Level = i32;

/// What this instance has seen of late, and what the others say. Its size does not depend on what it sees: at most a
/// few bits a number.
pub struct Pressure {
    /// This instance among the others.
    pub instance: String,
    spray: Option<Limit>,
    reset_surge: Option<Limit>,
    state: Mutex<State>,
}

/// Distinct numbers in the present period and the one before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Where attempts of unknown devices failed and none succeeded.
    pub failing: i64,
    /// Where one succeeded.
    pub succeeding: i64,
    /// For which a reset was asked.
    pub asking: i64,
}

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Seen here.
    pub counts: Counts,
    /// Asked for now.
    pub level: Level,
    /// Until when at least.
    pub level_until: UtcTime,
}

struct State {
    present: Seen,
    last: Seen,
    begun_at: UtcTime,
    /// Of both together.
    counts: Counts,
    others: Counts,
    level: Level,
    level_until: UtcTime,
}

/// What can be seen of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// An unknown device tries it. It counts as failed until it has succeeded, or guesses that are made at once would
    /// be noticed after the last of them.
    Failed,
    /// An unknown device had the right password. Those of known ones do not count: they would hide a spray.
    Succeeded,
    /// A reset is asked for.
    Asked,
}

/// The numbers of which each sign was seen: a bit each, once there is one.
#[derive(Default)]
struct Seen([Vec<u64>; 3]);

impl Seen {
    fn of(&self, sign: Signal) -> &[u64] {
        let [failed, succeeded, asked] = &self.0;
        match sign {
            Signal::Failed => failed,
            Signal::Succeeded => succeeded,
            Signal::Asked => asked,
        }
    }

    fn insert(&mut self, sign: Signal, number: usize) {
        let [failed, succeeded, asked] = &mut self.0;
        let words = match sign {
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

impl Pressure {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(limits: &LimitsConfig, now: UtcTime) -> Self {
        Self {
            instance: Id::<Self>::mint().as_str().to_owned(),
            spray: limits.spray,
            reset_surge: limits.reset_surge,
            state: Mutex::new(State {
                present: Seen::default(),
                last: Seen::default(),
                begun_at: now,
                counts: Counts::default(),
                others: Counts::default(),
                level: 0,
                level_until: now,
            }),
        }
    }

    /// Notes a sign.
    pub fn note(&self, sign: Signal, number: &CustomerNumber, now: UtcTime) {
        let Ok(number) = number.as_str().parse() else { return };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.turn_over(&mut state, now);
        state.insert(sign, number);
    }

    /// Whether a proof of work is asked for now, and how hard a one.
    #[must_use]
    pub fn look(&self, now: UtcTime) -> Reading {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.turn_over(&mut state, now);
        if state.level_until <= now {
            state.level = 0;
        }
        let level = self.level_of(state.counts.plus(state.others));
        if level > 0 && level >= state.level {
            state.level = level;
            state.level_until = now + HELD_FOR;
        }
        Reading { counts: state.counts, level: state.level, level_until: state.level_until }
    }

    /// Takes in what the other instances see.
    pub fn set_others(&self, others: Counts, level: Level, level_until: UtcTime) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.others = others;
        if level > state.level || (level == state.level && level_until > state.level_until) {
            state.level = level;
            state.level_until = level_until;
        }
    }

    /// How long something seen counts: so long at least, and twice as long at most.
    #[must_use]
    pub fn period(&self) -> TimeDelta {
        self.spray.or(self.reset_surge).map_or(TimeDelta::minutes(10), |limit| limit.period)
    }

    fn turn_over(&self, state: &mut State, now: UtcTime) {
        let period = self.period();
        if state.begun_at + period > now {
            return;
        }
        let present = mem::take(&mut state.present);
        state.last = if state.begun_at + period * 2 > now { present } else { Seen::default() };
        state.begun_at = now;
        state.counts =
            (0..WORDS).map(|index| state.counts_in(index, u64::MAX)).fold(Counts::default(), Counts::plus);
    }

    fn level_of(&self, counts: Counts) -> Level {
        // People mistype, but of the numbers that people sign in with most get in.
        let spray = self.spray.filter(|_| counts.failing >= counts.succeeding);
        let of_spray = spray.map_or(0, |limit| level_at(counts.failing, limit));
        let of_resets = self.reset_surge.map_or(0, |limit| level_at(counts.asking, limit));
        of_spray.max(of_resets)
    }
}

fn level_at(count: i64, limit: Limit) -> Level {
    let least = i64::from(limit.count);
    if count < least {
        return 0;
    }
    HARDER_AT.iter().fold(1, |level, times| if count >= least * times { level + 1 } else { level })
}

impl Counts {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            failing: self.failing + other.failing,
            succeeding: self.succeeding + other.succeeding,
            asking: self.asking + other.asking,
        }
    }
}

impl State {
    fn insert(&mut self, sign: Signal, number: usize) {
        let (index, bit) = (number / 64, 1 << (number % 64));
        let before = self.counts_in(index, bit);
        self.present.insert(sign, number);
        let after = self.counts_in(index, bit);
        self.counts.failing += after.failing - before.failing;
        self.counts.succeeding += after.succeeding - before.succeeding;
        self.counts.asking += after.asking - before.asking;
    }

    /// Of the numbers in one word, those that `mask` names.
    fn counts_in(&self, index: usize, mask: u64) -> Counts {
        let word = |sign| {
            let word = |seen: &Seen| seen.of(sign).get(index).copied().unwrap_or(0);
            (word(&self.present) | word(&self.last)) & mask
        };
        let (failed, succeeded) = (word(Signal::Failed), word(Signal::Succeeded));
        Counts {
            failing: (failed & !succeeded).count_ones().into(),
            succeeding: succeeded.count_ones().into(),
            asking: word(Signal::Asked).count_ones().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn at(minutes: i64) -> UtcTime {
        let noon = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap().and_hms_opt(12, 0, 0).unwrap();
        noon + TimeDelta::minutes(minutes)
    }

    fn number(index: usize) -> CustomerNumber {
        CustomerNumber::parse(&format!("{index:06}")).unwrap()
    }

    fn pressure() -> Pressure {
        Pressure::new(&LimitsConfig::standard(), at(0))
    }

    #[test]
    fn rl_05_one_guess_at_each_of_a_hundred_numbers_begins_the_proof_of_work_and_it_is_held() {
        let pressure = pressure();
        for index in 0..99 {
            pressure.note(Signal::Failed, &number(index), at(0));
            pressure.note(Signal::Failed, &number(index), at(0));
        }
        assert_eq!(pressure.look(at(0)).level, 0);
        pressure.note(Signal::Failed, &number(999_999), at(0));
        assert_eq!(pressure.look(at(0)).level, 1);
        assert_eq!(pressure.look(at(29)).level, 1);
        assert_eq!(pressure.look(at(31)).level, 0);
    }

    #[test]
    fn rl_05_it_grows_harder_with_the_attack() {
        let pressure = pressure();
        for index in 0..5_000 {
            pressure.note(Signal::Failed, &number(index), at(0));
        }
        assert_eq!(pressure.look(at(0)).level, 3);
    }

    #[test]
    fn rl_05_a_busy_morning_on_which_people_mistype_is_no_attack() {
        let pressure = pressure();
        for index in 0..5_000 {
            pressure.note(Signal::Failed, &number(index), at(0));
            if index % 10 != 0 {
                pressure.note(Signal::Succeeded, &number(index), at(1));
            }
        }
        assert_eq!(pressure.look(at(1)).counts, Counts { failing: 500, succeeding: 4_500, asking: 0 });
        assert_eq!(pressure.look(at(1)).level, 0);
    }

    #[test]
    fn rl_05_the_same_number_again_and_again_is_no_spray_and_dilutes_none() {
        let pressure = pressure();
        for _ in 0..100_000 {
            pressure.note(Signal::Failed, &number(1), at(0));
            pressure.note(Signal::Succeeded, &number(2), at(0));
        }
        assert_eq!(pressure.look(at(0)).counts, Counts { failing: 1, succeeding: 1, asking: 0 });
    }

    #[test]
    fn rl_05_what_two_instances_see_counts_together() {
        let pressure = pressure();
        for index in 0..60 {
            pressure.note(Signal::Failed, &number(index), at(0));
        }
        pressure.set_others(Counts { failing: 60, ..Counts::default() }, 0, at(0));
        assert_eq!(pressure.look(at(0)).level, 1);
    }

    #[test]
    fn rl_05_what_was_seen_is_forgotten_after_two_periods() {
        let pressure = pressure();
        for index in 0..99 {
            pressure.note(Signal::Failed, &number(index), at(0));
        }
        pressure.note(Signal::Failed, &number(0), at(11));
        assert_eq!(pressure.look(at(11)).counts.failing, 99);
        pressure.note(Signal::Failed, &number(0), at(22));
        assert_eq!(pressure.look(at(22)).counts.failing, 1);
    }

    #[test]
    fn rl_09_a_million_numbers_take_no_more_room_than_a_few() {
        let pressure = pressure();
        for index in 0..NUMBERS {
            pressure.note(Signal::Asked, &number(index), at(0));
        }
        assert_eq!(pressure.look(at(0)).counts.asking, 1_000_000);
        let words: usize = pressure.state.lock().unwrap().present.0.iter().map(Vec::capacity).sum();
        assert!(words * 8 <= 130_000, "{words}");
    }
}
