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

/// The end of the wait of each refused source, for this instance alone.
#[derive(Default)]
pub struct RecentRefusals(Mutex<HashMap<String, UtcTime>>);

impl RecentRefusals {
    /// How long a key has to wait; `None` where it does not have to.
    #[must_use]
    pub fn wait(&self, key: &str, now: UtcTime) -> Option<TimeDelta> {
        let until = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()?;
        (until > now).then(|| until - now)
    }

    /// Remembers that a key is refused until a time.
    pub fn remember(&self, key: String, until: UtcTime, now: UtcTime) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= PLACES {
            all.retain(|_, until| *until > now);
        }
        if all.len() < PLACES || all.contains_key(&key) {
            all.insert(key, until);
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
        assert_eq!(turned_away.wait("first", now), Some(minute));
        assert_eq!(turned_away.wait("first", now + minute), None);
        assert!(turned_away.0.lock().unwrap().len() <= PLACES);
        turned_away.remember("later".to_owned(), now + minute * 3, now + minute * 2);
        assert_eq!(turned_away.wait("later", now + minute * 2), Some(minute));
    }
}
