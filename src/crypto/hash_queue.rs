//! The order in which waiting hashes are computed: owners before strangers, and one after the other in turn (CH-10).

use std::collections::VecDeque;

use crate::types::AccountId;

/// How many hashes of one device, session, link or change token may wait among the holders.
const MOST_OF_CREDENTIAL: usize = 2;
/// How many hashes of one account may wait among the holders.
const MOST_OF_ACCOUNT: usize = 16;
/// How many hashes of one source wait for certain among the strangers. Further ones wait while there is room, and give
/// way to a source that has fewer.
const CERTAIN_OF_SOURCE: usize = 2;

/// Who asks for a hash. This decides when it is computed.
#[derive(Debug, Clone)]
pub struct HashCaller {
    source: String,
    held: Option<Held>,
}

/// What a holder holds.
#[derive(Debug, Clone)]
struct Held {
    account: String,
    credential: String,
}

impl HashCaller {
    /// A caller who has not shown anything that the service handed out. All strangers without a source count as one.
    #[must_use]
    pub fn stranger(source: Option<&str>) -> Self {
        Self { source: source.unwrap_or_default().to_owned(), held: None }
    }

    /// The same caller as the holder of a live device, session, link or change token of the account. `credential` names
    /// it, and nothing else by that name.
    #[must_use]
    pub fn holding(self, account: &AccountId, credential: String) -> Self {
        Self { held: Some(Held { account: account.as_str().to_owned(), credential }), ..self }
    }
}

/// Which hashes a slot computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// Those of holders, and those of strangers while no holder waits.
    ForAll,
    /// Those of holders alone.
    ForHolders,
}

/// Tasks that wait for a slot. Neither lane grows beyond `most`.
pub(super) struct HashQueue<T> {
    holders: Lane<T>,
    strangers: Lane<T>,
    most: usize,
    /// How many tasks have begun since the start.
    begun: u64,
    /// The most tasks that have begun between the arrival of a holder's task and its beginning.
    most_before_holder: u64,
}

impl<T> HashQueue<T> {
    pub(super) const fn new(most: usize) -> Self {
        Self { holders: Lane::new(), strangers: Lane::new(), most, begun: 0, most_before_holder: 0 }
    }

    /// Adds a task. Returns the task that is turned away, if any: this one, or the newest of the source with the most.
    pub(super) fn push(&mut self, caller: HashCaller, task: T) -> Option<T> {
        let HashCaller { source, held } = caller;
        let arrived_at = self.begun;
        match held.filter(|held| self.has_room_for(held)) {
            Some(Held { account, credential }) => {
                self.holders.push(account, Waiting { credential: Some(credential), arrived_at, task });
                None
            }
            None => self.push_stranger(source, Waiting { credential: None, arrived_at, task }),
        }
    }

    fn has_room_for(&self, held: &Held) -> bool {
        if self.holders.waiting >= self.most {
            return false;
        }
        let Some(line) = self.holders.line(&held.account) else { return true };
        let own = line.iter().filter(|waiting| waiting.credential.as_ref() == Some(&held.credential));
        line.len() < MOST_OF_ACCOUNT && own.count() < MOST_OF_CREDENTIAL
    }

    fn push_stranger(&mut self, source: String, waiting: Waiting<T>) -> Option<T> {
        let turned_away = if self.strangers.waiting < self.most {
            None
        } else {
            let own = self.strangers.line(&source).map_or(0, VecDeque::len);
            match self.strangers.take_newest_beyond((own + 1).max(CERTAIN_OF_SOURCE)) {
                Some(newest) => Some(newest),
                None => return Some(waiting.task),
            }
        };
        self.strangers.push(source, waiting);
        turned_away
    }

    /// Takes the task that is next for the slot.
    pub(super) fn pop(&mut self, slot: Slot) -> Option<T> {
        if let Some(Waiting { arrived_at, task, .. }) = self.holders.pop() {
            self.most_before_holder = self.most_before_holder.max(self.begun - arrived_at);
            self.begun += 1;
            return Some(task);
        }
        if slot == Slot::ForHolders {
            return None;
        }
        let Waiting { task, .. } = self.strangers.pop()?;
        self.begun += 1;
        Some(task)
    }

    pub(super) const fn waiting(&self) -> usize {
        self.holders.waiting + self.strangers.waiting
    }

    pub(super) const fn most_before_holder(&self) -> u64 {
        self.most_before_holder
    }
}

struct Waiting<T> {
    /// What the holder holds; `None` for a stranger.
    credential: Option<String>,
    /// How many tasks had begun when this one came.
    arrived_at: u64,
    task: T,
}

/// One line for each account or source. The lines take turns.
struct Lane<T> {
    /// The line whose turn is next comes first. No line is empty.
    lines: VecDeque<(String, VecDeque<Waiting<T>>)>,
    waiting: usize,
}

impl<T> Lane<T> {
    const fn new() -> Self {
        Self { lines: VecDeque::new(), waiting: 0 }
    }

    fn line(&self, of: &str) -> Option<&VecDeque<Waiting<T>>> {
        self.lines.iter().find(|(name, _)| name == of).map(|(_, line)| line)
    }

    fn push(&mut self, of: String, waiting: Waiting<T>) {
        self.waiting += 1;
        match self.lines.iter_mut().find(|(name, _)| *name == of) {
            Some((_, line)) => line.push_back(waiting),
            None => self.lines.push_back((of, VecDeque::from([waiting]))),
        }
    }

    fn pop(&mut self) -> Option<Waiting<T>> {
        let (of, mut line) = self.lines.pop_front()?;
        let waiting = line.pop_front()?;
        self.waiting -= 1;
        if !line.is_empty() {
            self.lines.push_back((of, line));
        }
        Some(waiting)
    }

    /// Takes the newest task of the longest line, where that is longer than `length`.
    fn take_newest_beyond(&mut self, length: usize) -> Option<T> {
        let longest = self.lines.iter_mut().map(|(_, line)| line).max_by_key(|line| line.len())?;
        if longest.len() <= length {
            return None;
        }
        let Waiting { task, .. } = longest.pop_back()?;
        self.waiting -= 1;
        Some(task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 8;

    fn stranger(source: &str) -> HashCaller {
        HashCaller::stranger(Some(source))
    }

    fn holder(account: &str, credential: &str) -> HashCaller {
        stranger("192.0.2.1/32").holding(&AccountId::from_text(account.to_owned()), credential.to_owned())
    }

    fn queue(callers: &[(HashCaller, &'static str)]) -> HashQueue<&'static str> {
        let mut queue = HashQueue::new(MOST);
        for (caller, name) in callers {
            assert_eq!(queue.push(caller.clone(), *name), None);
        }
        queue
    }

    fn order(mut queue: HashQueue<&'static str>) -> String {
        std::iter::from_fn(|| queue.pop(Slot::ForAll)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ch_10_holders_come_before_strangers_and_accounts_take_turns() {
        let queue = queue(&[
            (stranger("s"), "s"),
            (holder("a", "a1"), "a1"),
            (holder("a", "a2"), "a2"),
            (holder("a", "a2"), "a2"),
            (holder("b", "b1"), "b1"),
            (holder("c", "c1"), "c1"),
        ]);
        assert_eq!(order(queue), "a1 b1 c1 a2 a2 s");
    }

    #[test]
    fn ch_10_two_wait_for_each_credential_and_further_ones_are_strangers() {
        let mut queue = queue(&[
            (stranger("s"), "s"),
            (holder("a", "a1"), "first"),
            (holder("a", "a1"), "second"),
            (holder("a", "a1"), "third"),
            (holder("a", "a2"), "other"),
        ]);
        assert_eq!(queue.pop(Slot::ForHolders), Some("first"));
        assert_eq!(queue.pop(Slot::ForHolders), Some("second"));
        assert_eq!(queue.pop(Slot::ForHolders), Some("other"));
        assert_eq!(queue.pop(Slot::ForHolders), None);
        assert_eq!(order(queue), "s third");
    }

    #[test]
    fn ch_10_sixteen_wait_for_an_account_and_further_ones_are_strangers() {
        let mut queue = HashQueue::new(100);
        for index in 0..20 {
            assert_eq!(queue.push(holder("a", &format!("device {index}")), index), None);
        }
        assert_eq!((queue.holders.waiting, queue.strangers.waiting), (16, 4));
    }

    #[test]
    fn ch_10_a_holder_begins_after_one_of_each_account_that_came_before() {
        let mut queue = HashQueue::new(100);
        for index in 0..16 {
            queue.push(holder("attacker", &format!("device {index}")), "attacker");
            queue.push(stranger(&format!("source {index}")), "stranger");
        }
        queue.pop(Slot::ForAll);
        queue.push(holder("owner", "device"), "owner");
        let begun: Vec<_> = (0..2).filter_map(|_| queue.pop(Slot::ForAll)).collect();
        assert_eq!(begun, ["attacker", "owner"]);
    }

    #[test]
    fn ch_10_it_tells_how_many_began_before_a_holder() {
        let mut queue = queue(&[(stranger("s"), "s"), (holder("a", "a1"), "a"), (holder("b", "b1"), "b")]);
        assert_eq!(queue.most_before_holder(), 0);
        queue.pop(Slot::ForAll);
        queue.pop(Slot::ForAll);
        assert_eq!(queue.most_before_holder(), 1);
    }

    #[test]
    fn ch_10_sources_take_turns_and_a_full_lane_turns_the_greediest_away() {
        let mut queue = queue(&[
            (stranger("a"), "a1"),
            (stranger("a"), "a2"),
            (stranger("a"), "a3"),
            (stranger("a"), "a4"),
            (stranger("b"), "b1"),
            (stranger("b"), "b2"),
            (stranger("c"), "c1"),
            (stranger("c"), "c2"),
        ]);
        assert_eq!(queue.push(stranger("a"), "a5"), Some("a5"));
        assert_eq!(queue.push(stranger("d"), "d1"), Some("a4"));
        assert_eq!(queue.push(stranger("d"), "d2"), Some("a3"));
        assert_eq!(queue.push(stranger("e"), "e1"), Some("e1"));
        assert_eq!(order(queue), "a1 b1 c1 d1 a2 b2 c2 d2");
    }

    #[test]
    fn ch_10_strangers_take_no_place_of_holders() {
        let mut queue = HashQueue::new(MOST);
        for index in 0..100 {
            queue.push(stranger(&format!("source {index}")), index);
        }
        assert_eq!(queue.waiting(), MOST);
        assert_eq!(queue.push(holder("a", "a1"), 100), None);
        assert_eq!(queue.pop(Slot::ForAll), Some(100));
        // A crowd of accounts fills the holders' lane; the next one waits among the strangers.
        for index in 0..MOST {
            assert_eq!(queue.push(holder(&format!("account {index}"), "device"), 200 + index), None);
        }
        assert_eq!(queue.push(holder("late", "device"), 300), Some(300));
    }
}
