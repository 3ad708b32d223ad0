//! Argon2id, bounded in parallel work, in memory and in queue (CH-10, RL-12).

use std::sync::{Arc, Mutex, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use tokio::{sync::Semaphore, task};

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
#[derive(Clone)]
pub struct PasswordHasher {
    pool: Arc<Pool>,
}

struct Pool {
    params: Params,
    /// One permit a hash that is computed.
    slots: Arc<Semaphore>,
    /// One permit a hash that is computed or waits.
    queue: Arc<Semaphore>,
    /// Working memory of finished hashes, kept for the next: never more pieces than slots.
    memory: Mutex<Vec<Vec<Block>>>,
    /// The hash of a password nobody has, of the present cost (PW-13).
    dummy: PasswordHash,
}

impl PasswordHasher {
    /// Prepares the pool; computes nothing and allocates no working memory yet.
    pub fn new(config: &Argon2Config) -> Result<Self, Fault> {
        let params = Params::new(config.memory_kib, config.iterations, config.parallelism, Some(32))
            .map_err(|error| Fault::internal("setting up argon2", error.to_string()))?;
        let dummy = assemble(&params, &random_bytes(), &random_bytes())
            .ok_or_else(|| Fault::broken_invariant("setting up argon2"))?;
        let slots = config.concurrency;
        Ok(Self {
            pool: Arc::new(Pool {
                params,
                slots: Arc::new(Semaphore::new(slots)),
                queue: Arc::new(Semaphore::new(slots + slots * WAITING_PER_SLOT)),
                memory: Mutex::default(),
                dummy,
            }),
        })
    }

    /// A PHC string with a fresh 16-byte salt and a 32-byte tag (PW-10, PW-14).
    pub async fn hash(&self, password: &Password) -> Result<String, HashError> {
        let password = password.clone();
        self.run(move |pool| {
            let salt = random_bytes::<16>();
            let mut tag = [0; 32];
            pool.compute(&pool.params, &password, &salt, &mut tag)?;
            let hash = assemble(&pool.params, &salt, &tag).ok_or(HashError::Failed("assembling the hash"))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the one that was hashed. Without a hash the answer is `false`, at the cost of
    /// one (PW-13).
    pub async fn verify(&self, password: &Password, stored: Stored<'_>) -> Result<bool, HashError> {
        let unreadable = || HashError::Failed("reading a stored hash");
        let (hash, exists) = match stored {
            Stored::Hash(text) => (PasswordHash::new(text).map_err(|_| unreadable())?, true),
            Stored::Nothing { cost: None } => (self.pool.dummy.clone(), false),
            Stored::Nothing { cost: Some(cost) } => {
                let text = format!("{cost}${DUMMY_SALT_AND_TAG}");
                (PasswordHash::new(&text).map_err(|_| unreadable())?, false)
            }
        };
        let password = password.clone();
        self.run(move |pool| {
            let params = Params::try_from(&hash).map_err(|_| unreadable())?;
            let (Some(salt), Some(expected)) = (hash.salt, hash.hash) else { return Err(unreadable()) };
            let mut tag = vec![0; expected.len()];
            pool.compute(&params, &password, &salt, &mut tag)?;
            // `Output` compares in constant time.
            let equal = Output::new(&tag).is_ok_and(|computed| computed == expected);
            Ok(equal && exists)
        })
        .await
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
        work: impl FnOnce(&Pool) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let place = self.pool.queue.clone().try_acquire_owned().map_err(|_| HashError::Overloaded)?;
        let slot = self.pool.slots.clone().acquire_owned().await.map_err(|_| HashError::Overloaded)?;
        let pool = self.pool.clone();
        let task = task::spawn_blocking(move || {
            let outcome = work(&pool);
            // Held to the end of the computation: a caller who hangs up does not make room for a
            // second one on the same core.
            drop((slot, place));
            outcome
        });
        task.await.unwrap_or(Err(HashError::Failed("the hashing task ended early")))
    }
}

impl Pool {
    fn compute(&self, params: &Params, password: &Password, salt: &[u8], tag: &mut [u8]) -> Result<(), HashError> {
        let mut blocks = self.memory.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        blocks.resize(params.block_count(), Block::default());
        let outcome = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into_with_memory(password.expose().as_bytes(), salt, tag, &mut blocks)
            .map_err(|_| HashError::Failed("computing argon2"));
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).push(blocks);
        outcome
    }
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
        for cost in [None, Some("$argon2id$v=19$m=128,t=2,p=1")] {
            let hasher = hasher(1);
            assert!(!hasher.verify(&password("Kv7d9w"), Stored::Nothing { cost }).await.unwrap());
            // The working memory tells that the hash was computed, and at which cost.
            let blocks = hasher.pool.memory.lock().unwrap()[0].len();
            assert_eq!(blocks, if cost.is_some() { 128 } else { 64 });
        }
    }

    #[tokio::test]
    async fn rl_12_a_full_queue_turns_away_at_once() {
        let hasher = hasher(1);
        let all = hasher.pool.queue.clone().acquire_many_owned(1 + 64).await.unwrap();
        assert!(matches!(hasher.hash(&password("Kv7d9w")).await, Err(HashError::Overloaded)));
        drop(all);
        assert!(hasher.hash(&password("Kv7d9w")).await.is_ok());
    }
}
