//! Turns: of the callers who want the same thing, one acts at a time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedMutexGuard;

/// How many callers may wait for one key or have its turn. A caller who waits costs no more than its connection.
const MOST_CALLERS: usize = 256;

/// The keys that callers of this instance wait for.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<String, Line>>);

/// The callers of one key. A line without callers is removed.
#[derive(Default)]
struct Line {
    turn: Arc<tokio::sync::Mutex<()>>,
    callers: usize,
}

/// The turn of one caller. It ends when this is dropped.
pub struct Turn {
    // The fields are dropped in this order: the next caller has the turn before the line could be removed.
    _turn: OwnedMutexGuard<()>,
    _place: Place,
}

/// A place in the line of a key.
struct Place {
    turns: Arc<Turns>,
    key: String,
}

impl Turns {
    /// Waits for the turn of a key; `None` where too many wait.
    pub async fn take(self: &Arc<Self>, key: &str) -> Option<Turn> {
        let (place, turn) = self.enter(key)?;
        Some(Turn { _turn: turn.lock_owned().await, _place: place })
    }

    fn enter(self: &Arc<Self>, key: &str) -> Option<(Place, Arc<tokio::sync::Mutex<()>>)> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.entry(key.to_owned()).or_default();
        if line.callers >= MOST_CALLERS {
            return None;
        }
        line.callers += 1;
        Some((Place { turns: self.clone(), key: key.to_owned() }, line.turn.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lines = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(line) = lines.get_mut(&self.key) else { return };
        line.callers -= 1;
        if line.callers == 0 {
            lines.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn ch_11_one_acts_at_a_time_and_not_everybody_waits() {
        let turns = Arc::new(Turns::default());
        let acting = Mutex::new(0);
        let acted = join_all((0..MOST_CALLERS + 4).map(|_| async {
            let Some(turn) = turns.take("key").await else { return false };
            *acting.lock().unwrap() += 1;
            tokio::task::yield_now().await;
            assert_eq!(*acting.lock().unwrap(), 1);
            *acting.lock().unwrap() -= 1;
            drop(turn);
            true
        }))
        .await;
        assert_eq!(acted.into_iter().filter(|acted| *acted).count(), MOST_CALLERS);
        assert!(turns.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn ch_11_whoever_gives_up_waiting_leaves_the_line() {
        let turns = Arc::new(Turns::default());
        let turn = turns.take("key").await;
        let other = turns.take("other").await;
        drop(tokio::time::timeout(std::time::Duration::from_millis(1), turns.take("key")).await);
        assert_eq!(turns.0.lock().unwrap()["key"].callers, 1);
        drop((turn, other));
        assert!(turns.0.lock().unwrap().is_empty());
    }
}
