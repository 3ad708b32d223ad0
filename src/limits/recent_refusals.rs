//! The refusals of the last moments. A source that was refused is refused from memory until its wait is over, so that a
//! flood does not load the database.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::TimeDelta;

use crate::types::UtcTime;

/// How many refusals are remembered. A source beyond that is refused by the limit in the database.
const PLACES: usize = 20_000;
/// The time between two looks for waits that are over. Each looks at all places, which a flood must not cause at each refusal.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(1);

/// The end of the wait of each refused source, for this instance alone.
#[derive(Default)]
pub struct RecentRefusals(Mutex<Places>);

#[derive(Default)]
struct Places {
    ends: HashMap<String, UtcTime>,
    looked_at: Option<UtcTime>,
}

impl RecentRefusals {
    /// How long a key has to wait; `None` where it does not have to.
    #[must_use]
    pub fn wait(&self, key: &str, now: UtcTime) -> Option<TimeDelta> {
        let until = self.0.lock().unwrap_or_else(PoisonError::into_inner).ends.get(key).copied()?;
        (until > now).then(|| until - now)
    }

    /// Remembers that a key is refused until a time.
    pub fn remember(&self, key: String, until: UtcTime, now: UtcTime) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.make_room(now);
        if places.ends.len() < PLACES || places.ends.contains_key(&key) {
            places.ends.insert(key, until);
        }
    }
}

impl Places {
    fn make_room(&mut self, now: UtcTime) {
        let has_looked = self.looked_at.is_some_and(|looked_at| (now - looked_at).abs() < LOOK_EVERY);
        if self.ends.len() >= PLACES && !has_looked {
            self.ends.retain(|_, until| *until > now);
            self.looked_at = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn rl_09_a_flood_of_keys_takes_bounded_room_and_frees_nobody() {
        let now = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap().and_hms_opt(12, 0, 0).unwrap();
        let minute = TimeDelta::minutes(1);
        let turned_away = RecentRefusals::default();
        turned_away.remember("first".to_owned(), now + minute, now);
        for index in 0..100_000 {
            turned_away.remember(index.to_string(), now + minute, now);
        }
        // One look serves a second, however many are refused in it.
        turned_away.remember("another".to_owned(), now + minute, now + TimeDelta::milliseconds(900));
        assert_eq!(turned_away.0.lock().unwrap().looked_at, Some(now));
        assert_eq!(turned_away.wait("first", now), Some(minute));
        assert_eq!(turned_away.wait("first", now + minute), None);
        assert!(turned_away.0.lock().unwrap().ends.len() <= PLACES);
        turned_away.remember("later".to_owned(), now + minute * 3, now + minute * 2);
        assert_eq!(turned_away.wait("later", now + minute * 2), Some(minute));
    }
}
