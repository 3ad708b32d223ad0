//! Argon2id with a bound on its parallel work, its memory and its queue (CH-10, RL-12).

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use tokio::sync::oneshot;

use super::hash_queue::{HashCaller, HashQueue, Slot};
use crate::{
    config::Argon2Config,
    types::{Fault, Password, random_bytes},
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

/// What a password is compared with.
#[derive(Debug, Clone, Copy)]
pub enum Stored<'a> {
    /// A stored hash as a PHC string.
    Hash(&'a str),
    /// No hash, because the number has no account or the account has no password.
    Nothing {
        /// The cost to pay, as the head of a PHC string; `None` means the present cost.
        cost: Option<&'a str>,
    },
}

/// Salt and tag of a password that nobody has. Behind the head of a cost they make a PHC string.
const DUMMY_SALT_AND_TAG: &str = "c3Rha2lzLWR1bW15LXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and verifies passwords. A clone is cheap.
///
/// Each slot is a thread of its own that keeps its working memory. On tokio's pool for blocking work, where the memory
/// moves from thread to thread, the service signed in 0.81 customers for each bare hash; with slots it signs in 0.90.
#[derive(Clone)]
pub struct PasswordHasher {
    pool: Arc<Pool>,
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

struct Pool {
    params: Params,
    /// A hash of a password that nobody has, at the present cost (PW-13).
    dummy: PasswordHash,
    work: Arc<Work>,
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.work.lock().is_over = true;
        self.work.has_changed.notify_all();
    }
}

/// What the callers leave to the slots.
struct Work {
    state: Mutex<State>,
    has_changed: Condvar,
}

struct State {
    queue: HashQueue<Task>,
    computing: usize,
    /// Whether the hasher is dropped, which ends the slots.
    is_over: bool,
}

impl PasswordHasher {
    /// Starts the slots: as many as the settings say, and one for holders alone (CH-10). No hash is computed and no
    /// working memory is allocated yet.
    pub fn new(config: &Argon2Config) -> Result<Self, Fault> {
        let params = Params::new(config.memory_kib, config.iterations, config.parallelism, Some(32))
            .map_err(|error| Fault::internal("setting up argon2", error.to_string()))?;
        let dummy = assemble(&params, &random_bytes(), &random_bytes())
            .ok_or_else(|| Fault::broken_invariant("setting up argon2"))?;
        let kept_blocks = params.block_count();
        let queue = HashQueue::new(config.concurrency * WAITING_PER_SLOT);
        let state = Mutex::new(State { queue, computing: 0, is_over: false });
        let work = Arc::new(Work { state, has_changed: Condvar::new() });
        // The pool comes first: should a slot not start, dropping it ends those that have started.
        let pool = Arc::new(Pool { params, dummy, work: work.clone() });
        for slot in [Slot::ForHolders].into_iter().chain((0..config.concurrency).map(|_| Slot::ForAll)) {
            let work = work.clone();
            thread::Builder::new()
                .name("argon2".to_owned())
                .spawn(move || work.run_slot(slot, kept_blocks))
                .map_err(|error| Fault::internal("starting an argon2 thread", error))?;
        }
        Ok(Self { pool })
    }

    /// The number of hashes that are computed or wait.
    #[must_use]
    pub fn pending(&self) -> usize {
        let state = self.pool.work.lock();
        state.computing + state.queue.waiting()
    }

    /// The most hashes that have begun, since the start, between the arrival of a holder's hash and its beginning.
    #[must_use]
    pub fn most_before_holder(&self) -> u64 {
        self.pool.work.lock().queue.most_before_holder()
    }

    /// Hashes a password into a PHC string with a random 16-byte salt and a 32-byte tag (PW-10, PW-14).
    pub async fn hash(&self, password: &Password, caller: HashCaller) -> Result<String, HashError> {
        let (password, params) = (password.clone(), self.pool.params.clone());
        self.run(caller, move |blocks| {
            let salt = random_bytes::<16>();
            let mut tag = [0; 32];
            compute(&params, &password, &salt, &mut tag, blocks)?;
            let hash = assemble(&params, &salt, &tag).ok_or(HashError::Failed("assembling the hash"))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the one that was hashed. Without a hash the answer is `false`, at the cost of a hash
    /// (PW-13).
    pub async fn verify(
        &self,
        password: &Password,
        stored: Stored<'_>,
        caller: HashCaller,
    ) -> Result<bool, HashError> {
        let verification = self.verification(password.clone(), stored)?;
        self.run(caller, verification).await
    }

    fn verification(
        &self,
        password: Password,
        stored: Stored<'_>,
    ) -> Result<impl FnOnce(&mut Vec<Block>) -> Result<bool, HashError> + Send + use<>, HashError> {
        let unreadable = || HashError::Failed("reading a stored hash");
        let (hash, exists) = match stored {
            Stored::Hash(text) => (PasswordHash::new(text).map_err(|_| unreadable())?, true),
            Stored::Nothing { cost: None } => (self.pool.dummy.clone(), false),
            Stored::Nothing { cost: Some(cost) } => {
                let text = format!("{cost}${DUMMY_SALT_AND_TAG}");
                (PasswordHash::new(&text).map_err(|_| unreadable())?, false)
            }
        };
        Ok(move |blocks: &mut Vec<Block>| {
            let params = Params::try_from(&hash).map_err(|_| unreadable())?;
            let (Some(salt), Some(expected)) = (hash.salt, hash.hash) else { return Err(unreadable()) };
            let mut tag = vec![0; expected.len()];
            compute(&params, &password, &salt, &mut tag, blocks)?;
            // `Output` compares in constant time.
            let equal = Output::new(&tag).is_ok_and(|computed| computed == expected);
            Ok(equal && exists)
        })
    }

    /// Whether a stored hash has the present algorithm and cost. Another is replaced at the next successful sign-in
    /// (PW-11).
    #[must_use]
    pub fn is_present_cost(&self, hash: &str) -> bool {
        let present = &self.pool.dummy;
        PasswordHash::new(hash).is_ok_and(|hash| {
            (hash.algorithm, hash.version, &hash.params) == (present.algorithm, present.version, &present.params)
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        caller: HashCaller,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let (answer, answered) = oneshot::channel();
        let task: Task = Box::new(move |turn| {
            let outcome = match turn {
                // The caller may have hung up while the hash waited.
                Turn::Compute(_) if answer.is_closed() => return Box::new(|| {}),
                Turn::Compute(blocks) => work(blocks),
                Turn::TurnedAway => Err(HashError::Overloaded),
            };
            Box::new(move || drop(answer.send(outcome)))
        });
        if let Some(turned_away) = self.pool.work.add(caller, task) {
            turned_away(Turn::TurnedAway)();
        }
        answered.await.unwrap_or(Err(HashError::Failed("the computation ended early")))
    }
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

    /// Runs one slot, task after task, until the hasher is dropped.
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

    /// Waits for the next task of a slot; `None` once the hasher is dropped.
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

fn compute(
    params: &Params,
    password: &Password,
    salt: &[u8],
    tag: &mut [u8],
    blocks: &mut Vec<Block>,
) -> Result<(), HashError> {
    if blocks.len() < params.block_count() {
        blocks.resize(params.block_count(), Block::default());
    }
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password.expose().as_bytes(), salt, tag, blocks)
        .map_err(|_| HashError::Failed("computing argon2"))
}

fn assemble(params: &Params, salt: &[u8; 16], tag: &[u8; 32]) -> Option<PasswordHash> {
    Some(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(Output::new(tag).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::types::AccountId;

    fn hasher(concurrency: usize) -> PasswordHasher {
        let config = Argon2Config { memory_kib: 64, iterations: 1, parallelism: 1, concurrency };
        PasswordHasher::new(&config).unwrap()
    }

    fn anyone() -> HashCaller {
        HashCaller::stranger(None)
    }

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[tokio::test]
    async fn pw_14_the_same_password_gives_different_hashes_that_both_verify() {
        let hasher = hasher(2);
        let first = hasher.hash(&password("Kv7d9w"), anyone()).await.unwrap();
        let second = hasher.hash(&password("Kv7d9w"), anyone()).await.unwrap();
        assert_ne!(first, second);
        for hash in [&first, &second] {
            assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
            assert!(hasher.verify(&password("Kv7d9w"), Stored::Hash(hash), anyone()).await.unwrap());
            assert!(!hasher.verify(&password("Kv7d9W"), Stored::Hash(hash), anyone()).await.unwrap());
        }
    }

    #[tokio::test]
    async fn pw_10_reads_what_the_argon2_crate_itself_wrote() {
        use argon2::password_hash::PasswordHasher as _;
        let params = Params::new(64, 2, 1, None).unwrap();
        let theirs = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password(b"Kv7d9w").unwrap();
        assert!(hasher(1).verify(&password("Kv7d9w"), Stored::Hash(&theirs.to_string()), anyone()).await.unwrap());
    }

    #[tokio::test]
    async fn pw_13_without_a_stored_hash_the_work_is_done_and_the_answer_is_no() {
        for (cost, expected) in [(None, 64), (Some("$argon2id$v=19$m=128,t=2,p=1"), 128)] {
            let verification = hasher(1).verification(password("Kv7d9w"), Stored::Nothing { cost }).ok().unwrap();
            // The working memory tells that the hash was computed, and at which cost.
            let mut blocks = Vec::new();
            assert!(!verification(&mut blocks).unwrap());
            assert_eq!(blocks.len(), expected);
        }
    }

    /// Occupies a slot until the sender is dropped.
    async fn occupy(hasher: &PasswordHasher, caller: HashCaller) -> mpsc::Sender<()> {
        let (started, has_started) = oneshot::channel();
        let (end, may_end) = mpsc::channel::<()>();
        let hasher = hasher.clone();
        tokio::spawn(async move {
            let work = move |_: &mut Vec<Block>| {
                started.send(()).unwrap();
                assert!(may_end.recv().is_err());
                Ok(())
            };
            hasher.run(caller, work).await
        });
        has_started.await.unwrap();
        end
    }

    #[tokio::test]
    async fn rl_12_a_full_queue_turns_strangers_away_at_once_and_no_holder() {
        let hasher = hasher(1);
        let end = occupy(&hasher, anyone()).await;
        let of = |index: usize| HashCaller::stranger(Some(&format!("source {index}")));
        let waiting: Vec<_> = (0..64)
            .map(|index| {
                let hasher = hasher.clone();
                tokio::spawn(async move { hasher.hash(&password("Kv7d9w"), of(index)).await.map(drop) })
            })
            .collect();
        while hasher.pending() < 1 + 64 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(hasher.hash(&password("Kv7d9w"), of(64)).await, Err(HashError::Overloaded)));
        assert_eq!(hasher.pending(), 1 + 64);
        // The slot for holders is free.
        let holder = of(64).holding(&AccountId::mint(), "device".to_owned());
        assert!(hasher.hash(&password("Kv7d9w"), holder).await.is_ok());
        assert_eq!((hasher.pending(), hasher.most_before_holder()), (1 + 64, 0));
        drop(end);
        for caller in waiting {
            assert!(caller.await.unwrap().is_ok());
        }
        assert_eq!(hasher.pending(), 0);
    }

    /// The room is free when the computation has ended.
    #[tokio::test]
    async fn rl_12_a_caller_who_hangs_up_makes_no_room_too_early() {
        let hasher = hasher(1);
        let end = occupy(&hasher, anyone()).await;
        let caller = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.run::<()>(anyone(), |_| panic!("a hash that nobody waits for is not computed")).await }
        });
        while hasher.pending() < 2 {
            tokio::task::yield_now().await;
        }
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert_eq!(hasher.pending(), 2);
        drop(end);
        // The next hash in the only slot begins after those.
        hasher.run(anyone(), |_| Ok(())).await.unwrap();
        assert_eq!(hasher.pending(), 0);
    }

    #[tokio::test]
    async fn rl_12_a_slot_survives_a_panic_and_keeps_no_more_memory_than_it_needs() {
        let hasher = hasher(1);
        let panicking = hasher.run::<()>(anyone(), |_| panic!("a task of the test panics")).await;
        assert!(matches!(panicking, Err(HashError::Failed(_))));
        let cost = Some("$argon2id$v=19$m=256,t=1,p=1");
        assert!(!hasher.verify(&password("Kv7d9w"), Stored::Nothing { cost }, anyone()).await.unwrap());
        assert_eq!(hasher.run(anyone(), |blocks| Ok(blocks.capacity())).await.unwrap(), 64);
        assert_eq!(hasher.pending(), 0);
    }
}
