//! The threads that compute hashes, and the callers that wait for them (RL-12).

use std::{
    io,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::Instant,
};

use argon2::Block;
use tokio::sync::oneshot;

use super::hash_queue::{HashCaller, HashQueue, Slot};
use crate::{
    metrics::{HashMetrics, HashReading},
    types::Fault,
};

/// How many hashes of strangers may wait for each slot, and as many of holders. At 15 ms a hash that is about a second.
const WAITING_PER_SLOT: usize = 64;

/// Why no hash was computed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many hashes wait.
    #[error("the password hasher's queue is full")]
    Overloaded,
    /// A stored hash cannot be read, or the computation failed.
    #[error("hashing failed: {0}")]
    Failed(&'static str),
}

impl From<HashError> for Fault {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Overloaded => Self::unavailable("hashing a password", error),
            HashError::Failed(_) => Self::internal("hashing a password", error),
        }
    }
}

/// Slots that compute hashes. Dropping the pool ends them.
///
/// Each slot is a thread of its own that keeps its working memory. On tokio's pool for blocking work, where the memory
/// moves from thread to thread, the service signed in 0.81 customers for each bare hash; with slots it signs in 0.90.
pub(super) struct HashPool {
    work: Arc<Work>,
}

/// A hash that waits. It holds the sender of the answer.
type Task = Box<dyn FnOnce(Turn<'_>) -> Answer + Send>;
/// Sends the answer of a task.
type Answer = Box<dyn FnOnce() + Send>;

/// What becomes of a task that waits.
enum Turn<'a> {
    /// It is computed in this working memory.
    Compute(&'a mut Vec<Block>),
    /// Others wait in its place.
    TurnedAway,
}

impl HashPool {
    /// Starts `concurrency` slots for all, and one for holders alone (CH-10). A slot keeps a working memory of
    /// `kept_blocks` between hashes; none is allocated yet.
    pub(super) fn start(concurrency: usize, kept_blocks: usize) -> Result<Self, io::Error> {
        let queue = HashQueue::new(concurrency * WAITING_PER_SLOT);
        let state = Mutex::new(State { queue, computing: 0, is_over: false });
        // The pool comes first: should a slot not start, dropping it ends those that have started.
        let pool = Self { work: Arc::new(Work { state, has_changed: Condvar::new(), metrics: OnceLock::new() }) };
        for slot in [Slot::ForHolders].into_iter().chain((0..concurrency).map(|_| Slot::ForAll)) {
            let work = pool.work.clone();
            thread::Builder::new().name("argon2".to_owned()).spawn(move || work.run_slot(slot, kept_blocks))?;
        }
        Ok(pool)
    }

    /// Observes from now on how long hashes wait. The first call counts.
    pub(super) fn measured_by(&self, metrics: &HashMetrics) {
        drop(self.work.metrics.set(metrics.clone()));
    }

    /// How much is computed and waits, and the most hashes that have begun, since the start, between the arrival of a holder's
    /// hash and its beginning.
    pub(super) fn reading(&self) -> HashReading {
        let state = self.work.lock();
        HashReading {
            busy: state.computing,
            waiting: state.queue.waiting(),
            most_before_holder: state.queue.most_before_holder(),
        }
    }

    /// Runs `work` in the working memory of a slot, once it is the caller's turn.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        caller: HashCaller,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let (answer, answered) = oneshot::channel();
        let (arrived, measuring) = (Instant::now(), self.work.metrics.get().cloned());
        let task: Task = Box::new(move |turn| {
            if let (Turn::Compute(_), Some(metrics)) = (&turn, measuring) {
                metrics.begun(arrived.elapsed());
            }
            let outcome = match turn {
                // The caller may have hung up while the hash waited.
                Turn::Compute(_) if answer.is_closed() => return Box::new(|| {}),
                Turn::Compute(blocks) => work(blocks),
                Turn::TurnedAway => Err(HashError::Overloaded),
            };
            Box::new(move || drop(answer.send(outcome)))
        });
        if let Some(turned_away) = self.work.add(caller, task) {
            turned_away(Turn::TurnedAway)();
        }
        answered.await.unwrap_or(Err(HashError::Failed("the computation ended early")))
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        self.work.lock().is_over = true;
        self.work.has_changed.notify_all();
    }
}

/// What the callers leave to the slots.
struct Work {
    state: Mutex<State>,
    has_changed: Condvar,
    metrics: OnceLock<HashMetrics>,
}

struct State {
    queue: HashQueue<Task>,
    computing: usize,
    /// Whether the pool is dropped, which ends the slots.
    is_over: bool,
}

impl Work {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a task. Returns the one that is turned away, if any.
    fn add(&self, caller: HashCaller, task: Task) -> Option<Task> {
        let turned_away = self.lock().queue.push(caller, task);
        // Not every slot takes every task, so each of them looks.
        self.has_changed.notify_all();
        turned_away
    }

    /// Runs one slot, task after task, until the pool is dropped.
    fn run_slot(&self, slot: Slot, kept_blocks: usize) {
        let mut blocks = Vec::new();
        while let Some(task) = self.next(slot) {
            // A panic fails its own task, and the slot goes on.
            let answer = panic::catch_unwind(AssertUnwindSafe(|| task(Turn::Compute(&mut blocks))));
            // A hash counts until it is computed: a caller who hangs up does not make room for a second hash on the same
            // core. It counts no longer once its caller has the answer.
            self.lock().computing -= 1;
            if let Ok(answer) = answer {
                answer();
            }
            if blocks.len() > kept_blocks {
                // The larger memory of a stored hash of a higher cost is not kept.
                blocks.truncate(kept_blocks);
                blocks.shrink_to_fit();
            }
        }
    }

    /// Waits for the next task of a slot; `None` once the pool is dropped.
    fn next(&self, slot: Slot) -> Option<Task> {
        let mut state = self.lock();
        while !state.is_over {
            if let Some(task) = state.queue.pop(slot) {
                state.computing += 1;
                return Some(task);
            }
            state = self.has_changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::types::AccountId;

    const KEPT: usize = 64;

    fn pool() -> Arc<HashPool> {
        Arc::new(HashPool::start(1, KEPT).unwrap())
    }

    fn pending(pool: &HashPool) -> usize {
        let reading = pool.reading();
        reading.busy + reading.waiting
    }

    fn anyone() -> HashCaller {
        HashCaller::stranger(None)
    }

    /// Occupies the slot for all until the sender is dropped.
    async fn occupy(pool: &Arc<HashPool>) -> mpsc::Sender<()> {
        let (started, has_started) = oneshot::channel();
        let (end, may_end) = mpsc::channel::<()>();
        let pool = pool.clone();
        tokio::spawn(async move {
            let work = move |_: &mut Vec<Block>| {
                started.send(()).unwrap();
                assert!(may_end.recv().is_err());
                Ok(())
            };
            pool.run(anyone(), work).await
        });
        has_started.await.unwrap();
        end
    }

    #[tokio::test]
    async fn rl_12_a_full_queue_turns_strangers_away_at_once_and_no_holder() {
        let pool = pool();
        let end = occupy(&pool).await;
        let of = |index: usize| HashCaller::stranger(Some(&format!("source {index}")));
        let waiting: Vec<_> = (0..WAITING_PER_SLOT)
            .map(|index| {
                let pool = pool.clone();
                tokio::spawn(async move { pool.run(of(index), |_| Ok(())).await })
            })
            .collect();
        while pending(&pool) < 1 + WAITING_PER_SLOT {
            tokio::task::yield_now().await;
        }
        assert!(matches!(pool.run(of(WAITING_PER_SLOT), |_| Ok(())).await, Err(HashError::Overloaded)));
        assert_eq!(pending(&pool), 1 + WAITING_PER_SLOT);
        // The slot for holders is free.
        let holder = anyone().holding(&AccountId::mint(), "device".to_owned());
        assert!(pool.run(holder, |_| Ok(())).await.is_ok());
        assert_eq!((pending(&pool), pool.reading().most_before_holder), (1 + WAITING_PER_SLOT, 0));
        drop(end);
        for caller in waiting {
            assert!(caller.await.unwrap().is_ok());
        }
        assert_eq!(pending(&pool), 0);
    }

    /// The room is free when the computation has ended.
    #[tokio::test]
    async fn rl_12_a_caller_who_hangs_up_makes_no_room_too_early() {
        let pool = pool();
        let end = occupy(&pool).await;
        let caller = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run::<()>(anyone(), |_| panic!("a hash that nobody waits for is not computed")).await }
        });
        while pending(&pool) < 2 {
            tokio::task::yield_now().await;
        }
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert_eq!(pending(&pool), 2);
        drop(end);
        // The next hash in the only slot begins after those.
        pool.run(anyone(), |_| Ok(())).await.unwrap();
        assert_eq!(pending(&pool), 0);
    }

    #[tokio::test]
    async fn rl_12_a_slot_survives_a_panic_and_keeps_no_more_memory_than_it_needs() {
        let pool = pool();
        let panicking = pool.run::<()>(anyone(), |_| panic!("a task of the test panics")).await;
        assert!(matches!(panicking, Err(HashError::Failed(_))));
        let grow = |blocks: &mut Vec<Block>| {
            blocks.resize(4 * KEPT, Block::default());
            Ok(())
        };
        pool.run(anyone(), grow).await.unwrap();
        assert_eq!(pool.run(anyone(), |blocks| Ok(blocks.capacity())).await.unwrap(), KEPT);
        assert_eq!(pending(&pool), 0);
    }
}
