//! The detection of attacks that go over many customer numbers and meet no limit on one number or source (RL-05).

use std::{
    mem,
    sync::{Mutex, PoisonError},
};

use chrono::TimeDelta;

use super::seen::{Counts, Seen, Signal};
use crate::{
    config::{Limit, LimitsConfig},
    types::{CustomerNumber, Id, UtcTime},
};

/// How long a proof of work is asked for after the last sign of an attack.
const HELD_FOR: TimeDelta = TimeDelta::minutes(30);
/// The multiples of the first limit at which the proof of work becomes harder.
const HARDER_AT: [i64; 2] = [10, 50];
/// The level of the proof of work; 0 where none is asked for.
type Level = i32;

/// What this instance has seen in the present period and the one before, and what the others report. Its size does not
/// depend on what it sees: at most a few bits for each number.
pub struct Pressure {
    /// The random name of this instance.
    pub instance: String,
    spray: Option<Limit>,
    reset_surge: Option<Limit>,
    state: Mutex<State>,
}

/// The counts and the level at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The counts of this instance.
    pub counts: Counts,
    /// The level that is asked for now.
    pub level: Level,
    /// The earliest time at which the level ends.
    pub level_until: UtcTime,
}

struct State {
    present: Seen,
    last: Seen,
    begun_at: UtcTime,
    /// Of both periods together.
    counts: Counts,
    /// Of the present period alone.
    present_counts: Counts,
    others: Counts,
    level: Level,
    level_until: UtcTime,
}

impl Pressure {
    /// Starts without a signal.
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
                present_counts: Counts::default(),
                others: Counts::default(),
                level: 0,
                level_until: now,
            }),
        }
    }

    /// Stores a signal. While enough numbers are seen, each further sign of an attack holds the level.
    pub fn note(&self, signal: Signal, number: &CustomerNumber, now: UtcTime) {
        let Ok(number) = number.as_str().parse() else { return };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.turn_over(self.period(), now);
        state.insert(signal, number);
        if signal != Signal::Succeeded {
            let level = self.level_of(state.counts.plus(state.others));
            state.hold(level, now + HELD_FOR, now);
        }
    }

    /// The counts of this instance now, and the level that is asked for: the one that is held or the one that the counts
    /// ask for, whichever is higher.
    #[must_use]
    pub fn reading(&self, now: UtcTime) -> Reading {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = state.counts_at(self.period(), now);
        let level = state.level_at(now).max(self.level_of(counts.plus(state.others)));
        Reading { counts, level, level_until: state.level_until }
    }

    /// Stores the counts of the other instances. Where all of them together see enough, the level rises.
    pub fn set_others(&self, others: &Reading, now: UtcTime) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.turn_over(self.period(), now);
        let before = self.level_of(state.counts.plus(state.others));
        state.others = others.counts;
        state.hold(others.level, others.level_until, now);
        let together = self.level_of(state.counts.plus(state.others));
        // Only a rise is a sign. Counts that stand as they stood would hold the level for as long as their period lasts.
        if together > before {
            state.hold(together, now + HELD_FOR, now);
        }
    }

    /// The least time for which a signal counts. It counts at most twice as long.
    #[must_use]
    pub fn period(&self) -> TimeDelta {
        self.spray.or(self.reset_surge).map_or(TimeDelta::minutes(10), |limit| limit.period)
    }

    fn level_of(&self, counts: Counts) -> Level {
        // Customers mistype, but most of them get in.
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

impl State {
    /// Begins the next period once the present one is over.
    fn turn_over(&mut self, period: TimeDelta, now: UtcTime) {
        if self.begun_at + period > now {
            return;
        }
        self.counts = self.counts_at(period, now);
        self.present_counts = Counts::default();
        let present = mem::take(&mut self.present);
        self.last = if self.begun_at + period * 2 > now { present } else { Seen::default() };
        self.begun_at = now;
    }

    /// The counts as of now: those of a period that is over are left out.
    fn counts_at(&self, period: TimeDelta, now: UtcTime) -> Counts {
        if self.begun_at + period > now {
            self.counts
        } else if self.begun_at + period * 2 > now {
            self.present_counts
        } else {
            Counts::default()
        }
    }

    fn level_at(&self, now: UtcTime) -> Level {
        if self.level_until > now { self.level } else { 0 }
    }

    /// Raises the level, or holds it for longer. A lower level changes nothing while a higher one lasts.
    fn hold(&mut self, level: Level, until: UtcTime, now: UtcTime) {
        let present = self.level_at(now);
        if level > present || (level > 0 && level == present && until > self.level_until) {
            self.level = level;
            self.level_until = until;
        }
    }

    fn insert(&mut self, signal: Signal, number: usize) {
        let (index, bit) = (number / 64, 1 << (number % 64));
        let (before, present_before) = (self.counts_in(index, bit), self.present.counts_in(index, bit));
        self.present.insert(signal, number);
        let (after, present_after) = (self.counts_in(index, bit), self.present.counts_in(index, bit));
        self.counts = self.counts.plus(after).minus(before);
        self.present_counts = self.present_counts.plus(present_after).minus(present_before);
    }

    /// Of the numbers in one word of both periods, those that `mask` names.
    fn counts_in(&self, index: usize, mask: u64) -> Counts {
        Counts::of(|signal| (self.present.word(signal, index) | self.last.word(signal, index)) & mask)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::limits::seen::NUMBERS;

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

    /// The proof of work is held from then on.
    #[test]
    fn rl_05_one_guess_at_each_of_a_hundred_numbers_begins_the_proof() {
        let pressure = pressure();
        for index in 0..99 {
            pressure.note(Signal::Failed, &number(index), at(0));
            pressure.note(Signal::Failed, &number(index), at(0));
        }
        assert_eq!(pressure.reading(at(0)).level, 0);
        pressure.note(Signal::Failed, &number(999_999), at(0));
        assert_eq!(pressure.reading(at(0)).level, 1);
        assert_eq!(pressure.reading(at(29)).level, 1);
        assert_eq!(pressure.reading(at(31)).level, 0);
    }

    #[test]
    fn rl_05_it_grows_harder_with_the_attack() {
        let pressure = pressure();
        for index in 0..5_000 {
            pressure.note(Signal::Failed, &number(index), at(0));
        }
        assert_eq!(pressure.reading(at(0)).level, 3);
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
        assert_eq!(pressure.reading(at(1)).counts, Counts { failing: 500, succeeding: 4_500, asking: 0 });
        assert_eq!(pressure.reading(at(1)).level, 0);
    }

    #[test]
    fn rl_05_the_same_number_again_and_again_is_no_spray_and_dilutes_none() {
        let pressure = pressure();
        for _ in 0..100_000 {
            pressure.note(Signal::Failed, &number(1), at(0));
            pressure.note(Signal::Succeeded, &number(2), at(0));
        }
        assert_eq!(pressure.reading(at(0)).counts, Counts { failing: 1, succeeding: 1, asking: 0 });
    }

    #[test]
    fn rl_05_what_two_instances_see_counts_together() {
        let pressure = pressure();
        for index in 0..60 {
            pressure.note(Signal::Failed, &number(index), at(0));
        }
        let others = Counts { failing: 60, ..Counts::default() };
        pressure.set_others(&Reading { counts: others, level: 0, level_until: at(0) }, at(0));
        assert_eq!(pressure.reading(at(0)).level, 1);
    }

    #[test]
    fn rl_05_what_was_seen_is_forgotten_after_two_periods() {
        let pressure = pressure();
        for index in 0..99 {
            pressure.note(Signal::Failed, &number(index), at(0));
        }
        pressure.note(Signal::Failed, &number(0), at(11));
        assert_eq!(pressure.reading(at(11)).counts.failing, 99);
        pressure.note(Signal::Failed, &number(0), at(22));
        assert_eq!(pressure.reading(at(22)).counts.failing, 1);
    }

    #[test]
    fn rl_05_a_level_that_ends_gives_way_to_the_one_that_the_counts_ask_for() {
        let pressure = pressure();
        for index in 0..1_000 {
            pressure.note(Signal::Failed, &number(index), at(0));
        }
        assert_eq!(pressure.reading(at(0)).level, 2);
        // The attack slows down: each period still has more than the first limit.
        for minute in 1..=60 {
            for index in 0..100 {
                pressure.note(Signal::Failed, &number(2_000 + index), at(minute));
            }
            assert!(pressure.reading(at(minute)).level >= 1, "{minute}");
        }
        assert_eq!(pressure.reading(at(60)).level, 1);
        assert_eq!(pressure.reading(at(91)).level, 0);
    }

    #[test]
    fn rl_05_counts_that_stand_raise_no_second_alarm() {
        let hour = Limit { count: 100, period: TimeDelta::hours(1) };
        let limits = LimitsConfig { spray: Some(hour), reset_surge: Some(hour), ..LimitsConfig::standard() };
        let pressure = Pressure::new(&limits, at(0));
        for index in 0..100 {
            pressure.note(Signal::Failed, &number(index), at(0));
        }
        let others = Reading { counts: Counts::default(), level: 0, level_until: at(0) };
        let levels: Vec<Level> = (0..150)
            .map(|minute| {
                pressure.set_others(&others, at(minute));
                pressure.reading(at(minute)).level
            })
            .collect();
        let rises = levels.windows(2).filter(|pair| pair[1] > pair[0]).count();
        assert_eq!((levels[0], rises, levels[149]), (1, 0, 0));
    }

    #[test]
    fn rl_09_a_million_numbers_take_no_more_room_than_a_few() {
        let pressure = pressure();
        for index in 0..NUMBERS {
            pressure.note(Signal::Asked, &number(index), at(0));
        }
        assert_eq!(pressure.reading(at(0)).counts.asking, 1_000_000);
        let words: usize = pressure.state.lock().unwrap().present.0.iter().map(Vec::capacity).sum();
        assert!(words * 8 <= 130_000, "{words}");
    }
}
