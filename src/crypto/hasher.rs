//! Argon2id, bounded in parallel work, in memory and in queue (CH-10, RL-12).

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use tokio::sync::{Semaphore, oneshot};

use crate::{
    config::Argon2Config,
    types::{Fault, Password, random_bytes},
};

/// How many hashes may wait for each one that is computed: at 15 ms each, about a second of waiting.
const WAITING_PER_SLOT: usize = 64;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many hashes wait already.
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
    /// A PHC string.
    Hash(&'a str),
    /// No such account, or none with a password.
    Nothing {
        /// The head of a PHC string whose cost to pay; `None` means the present cost.
        cost: Option<&'a str>,
    },
}

/// Behind a cost's head these make a PHC string of a password nobody has.
const DUMMY_SALT_AND_TAG: &str = "c3Rha2lzLWR1bW15LXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and verifies passwords. Cheap to clone.
///
/// Each slot is a thread of its own that keeps its working memory. On tokio's pool for blocking work, which hands
/// them from thread to thread, the whole service signed in 0.81 customers for each bare hash; so it is 0.90.
#[derive(Clone)]
pub struct PasswordHasher {
    pool: Arc<Pool>,
}

/// What a slot does with its working memory. The sender of the answer is in it.
type Task = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

struct Pool {
    params: Params,
    /// One permit a hash that is computed or waits.
    queue: Arc<Semaphore>,
    /// How many permits there are.
    places: usize,
    /// To the slots; they end when it is dropped.
    tasks: mpsc::Sender<Task>,
    /// The hash of a password nobody has, of the present cost (PW-13).
    dummy: PasswordHash,
}

impl PasswordHasher {
    /// Starts the slots; computes nothing and allocates no working memory yet.
    pub fn new(config: &Argon2Config) -> Result<Self, Fault> {
        let params = Params::new(config.memory_kib, config.iterations, config.parallelism, Some(32))
            .map_err(|error| Fault::internal("setting up argon2", error.to_string()))?;
        let dummy = assemble(&params, &random_bytes(), &random_bytes())
            .ok_or_else(|| Fault::broken_invariant("setting up argon2"))?;
        let (tasks, inbox) = mpsc::channel::<Task>();
        let inbox = Arc::new(Mutex::new(inbox));
        let kept_blocks = params.block_count();
        for _ in 0..config.concurrency {
            let inbox = inbox.clone();
            thread::Builder::new()
                .name("argon2".to_owned())
                .spawn(move || work(&inbox, kept_blocks))
                .map_err(|error| Fault::internal("starting an argon2 thread", error))?;
        }
        let places = config.concurrency * (1 + WAITING_PER_SLOT);
        let queue = Arc::new(Semaphore::new(places));
        Ok(Self { pool: Arc::new(Pool { params, queue, places, tasks, dummy }) })
    }

    /// How many hashes are computed or wait.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pool.places.saturating_sub(self.pool.queue.available_permits())
    }

    /// A PHC string with a fresh 16-byte salt and a 32-byte tag (PW-10, PW-14).
    pub async fn hash(&self, password: &Password) -> Result<String, HashError> {
        let (password, params) = (password.clone(), self.pool.params.clone());
        self.run(move |blocks| {
            let salt = random_bytes::<16>();
            let mut tag = [0; 32];
            compute(&params, &password, &salt, &mut tag, blocks)?;
            let hash = assemble(&params, &salt, &tag).ok_or(HashError::Failed("assembling the hash"))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the one that was hashed. Without a hash the answer is `false`, at the cost of
    /// one (PW-13).
    pub async fn verify(&self, password: &Password, stored: Stored<'_>) -> Result<bool, HashError> {
        let verification = self.verification(password.clone(), stored)?;
        self.run(verification).await
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

    /// Whether a stored hash has the present algorithm and cost; if not it is computed anew at the next
    /// successful sign-in (PW-11).
    #[must_use]
    pub fn is_present_cost(&self, hash: &str) -> bool {
        let present = &self.pool.dummy;
        PasswordHash::new(hash).is_ok_and(|hash| {
            (hash.algorithm, hash.version, &hash.params) == (present.algorithm, present.version, &present.params)
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let place = self.pool.queue.clone().try_acquire_owned().map_err(|_| HashError::Overloaded)?;
        let (answer, answered) = oneshot::channel();
        let task: Task = Box::new(move |blocks| {
            let outcome = work(blocks);
            // Held to the end of the computation: a caller who hangs up does not make room for a second one on
            // the same core.
            drop(place);
            // Nobody may be waiting any more.
            drop(answer.send(outcome));
        });
        self.pool.tasks.send(task).map_err(|_| HashError::Failed("no argon2 thread is left"))?;
        answered.await.unwrap_or(Err(HashError::Failed("the computation ended early")))
    }
}

/// One slot: takes task after task until there is no hasher any more.
fn work(inbox: &Mutex<mpsc::Receiver<Task>>, kept_blocks: usize) {
    let mut blocks = Vec::new();
    loop {
        let task = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(task) = task else { return };
        // A panic ends that one task, which its caller hears of, and not the slot.
        drop(panic::catch_unwind(AssertUnwindSafe(|| task(&mut blocks))));
        if blocks.len() > kept_blocks {
            // A stored hash of a higher cost is no reason to keep its memory.
            blocks.truncate(kept_blocks);
            blocks.shrink_to_fit();
        }
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
    use super::*;

    fn hasher(concurrency: usize) -> PasswordHasher {
        let config = Argon2Config { memory_kib: 64, iterations: 1, parallelism: 1, concurrency };
        PasswordHasher::new(&config).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[tokio::test]
    async fn pw_14_the_same_password_gives_different_hashes_that_both_verify() {
        let hasher = hasher(2);
        let first = hasher.hash(&password("Kv7d9w")).await.unwrap();
        let second = hasher.hash(&password("Kv7d9w")).await.unwrap();
        assert_ne!(first, second);
        for hash in [&first, &second] {
            assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
            assert!(hasher.verify(&password("Kv7d9w"), Stored::Hash(hash)).await.unwrap());
            assert!(!hasher.verify(&password("Kv7d9W"), Stored::Hash(hash)).await.unwrap());
        }
    }

    #[tokio::test]
    async fn pw_10_reads_what_the_argon2_crate_itself_wrote() {
        use argon2::password_hash::PasswordHasher as _;
        let params = Params::new(64, 2, 1, None).unwrap();
        let theirs = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password(b"Kv7d9w").unwrap();
        assert!(hasher(1).verify(&password("Kv7d9w"), Stored::Hash(&theirs.to_string())).await.unwrap());
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

    #[tokio::test]
    async fn rl_12_a_full_queue_turns_away_at_once() {
        let hasher = hasher(1);
        let all = hasher.pool.queue.clone().acquire_many_owned(1 + 64).await.unwrap();
        assert!(matches!(hasher.hash(&password("Kv7d9w")).await, Err(HashError::Overloaded)));
        assert_eq!(hasher.pending(), 1 + 64);
        drop(all);
        assert_eq!(hasher.pending(), 0);
        assert!(hasher.hash(&password("Kv7d9w")).await.is_ok());
    }

    /// The room is free when the computation has ended.
    #[tokio::test]
    async fn rl_12_a_caller_who_hangs_up_makes_no_room_too_early() {
        let hasher = hasher(1);
        let (started, has_started) = oneshot::channel();
        let (end, may_end) = mpsc::channel::<()>();
        let caller = tokio::spawn({
            let hasher = hasher.clone();
            async move {
                let work = move |_: &mut Vec<Block>| {
                    started.send(()).unwrap();
                    may_end.recv().unwrap();
                    Ok(())
                };
                hasher.run(work).await
            }
        });
        has_started.await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert_eq!(hasher.pending(), 1);
        end.send(()).unwrap();
        // The next one in the only slot begins after that.
        hasher.run(|_| Ok(())).await.unwrap();
        assert_eq!(hasher.pending(), 0);
    }

    #[tokio::test]
    async fn rl_12_a_slot_survives_a_panic_and_keeps_no_more_memory_than_it_needs() {
        let hasher = hasher(1);
        let panicking = hasher.run::<()>(|_| panic!("as a mistake of ours would")).await;
        assert!(matches!(panicking, Err(HashError::Failed(_))));
        let cost = Some("$argon2id$v=19$m=256,t=1,p=1");
        assert!(!hasher.verify(&password("Kv7d9w"), Stored::Nothing { cost }).await.unwrap());
        assert_eq!(hasher.run(|blocks| Ok(blocks.capacity())).await.unwrap(), 64);
        assert_eq!(hasher.pool.queue.available_permits(), 1 + 64);
    }
}
