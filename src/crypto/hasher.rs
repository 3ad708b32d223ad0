//! Argon2id with a bound on its parallel work, its memory and its queue (CH-10, RL-12). Every password of the service
//! is checked by [`PasswordHasher::verify`], whatever scheme its hash has.

use std::sync::Arc;

use argon2::{Algorithm, Block, Params, Version};

use super::{
    cost_census,
    foreign::{Digest, StoredHash, Work, write_wrapped},
    hash_pool::{HashError, HashPool},
    hash_queue::HashCaller,
};
use crate::{
    config::Argon2Config,
    metrics::{HashMetrics, HashReading},
    types::{Fault, Password, random_bytes},
};

/// The bytes of the digest of a new hash.
const TAG: usize = 32;

/// Hashes and verifies passwords. A clone is cheap.
#[derive(Clone)]
pub struct PasswordHasher {
    pool: Arc<HashPool>,
    /// The work of a new hash.
    present: Arc<Work>,
}

impl PasswordHasher {
    /// Starts the slots: as many as the settings say, and one for holders alone (CH-10). No hash is computed and no
    /// working memory is allocated yet.
    pub fn new(config: &Argon2Config) -> Result<Self, Fault> {
        let params = Params::new(config.memory_kib, config.iterations, config.parallelism, Some(TAG))
            .map_err(|error| Fault::internal("setting up argon2", error.to_string()))?;
        let present = Work::Argon2 {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            memory_kib: config.memory_kib,
            iterations: config.iterations,
            parallelism: config.parallelism,
        };
        let pool = HashPool::start(config.concurrency, params.block_count())
            .map_err(|error| Fault::internal("starting the argon2 threads", error))?;
        Ok(Self { pool: Arc::new(pool), present: Arc::new(present) })
    }

    /// The same hasher, which from now on tells these metrics how long hashes wait.
    #[must_use]
    pub fn measured_by(self, metrics: &HashMetrics) -> Self {
        self.pool.measured_by(metrics);
        self
    }

    /// The number of hashes that are computed or wait.
    #[must_use]
    pub fn pending(&self) -> usize {
        let HashReading { busy, waiting, .. } = self.reading();
        busy + waiting
    }

    /// How much is computed and waits.
    #[must_use]
    pub fn reading(&self) -> HashReading {
        self.pool.reading()
    }

    /// The work of a new hash.
    #[must_use]
    pub fn present(&self) -> &Work {
        &self.present
    }

    /// Hashes a password into a PHC string with a random 16-byte salt and a 32-byte tag (PW-10, PW-14).
    pub async fn hash(&self, password: &Password, caller: HashCaller) -> Result<String, HashError> {
        let (password, present) = (password.clone(), self.present.clone());
        self.pool
            .run(caller, move |blocks| Ok(protect(&present, password.expose().as_bytes(), blocks)?.phc()))
            .await
    }

    /// Whether the password is the one that was hashed; without a hash it never is. Whatever the hash is, the time is
    /// that of one argon2 of the present cost, of the works in `besides`, and of those that the hash needs and
    /// `besides` does not name (PW-13).
    pub async fn verify(
        &self,
        password: &Password,
        stored: Option<&str>,
        besides: Vec<Work>,
        caller: HashCaller,
    ) -> Result<bool, HashError> {
        let verification = self.verification(password.clone(), stored, besides)?;
        self.pool.run(caller, verification).await
    }

    fn verification(
        &self,
        password: Password,
        stored: Option<&str>,
        besides: Vec<Work>,
    ) -> Result<impl FnOnce(&mut Vec<Block>) -> Result<bool, HashError> + Send + use<>, HashError> {
        let stored = match stored {
            Some(text) => Some(StoredHash::read(text).map_err(|_| HashError::Failed("reading a stored hash"))?),
            None => None,
        };
        let present = self.present.clone();
        Ok(move |blocks: &mut Vec<Block>| {
            let password = password.expose().as_bytes();
            let done: Vec<&Work> = stored.iter().flat_map(StoredHash::works).collect();
            let is_right = match &stored {
                None => false,
                Some(StoredHash::Plain(digest)) => digest.matches(password, blocks)?,
                Some(StoredHash::Wrapped { work, salt, length, outer }) => {
                    let inner = work.compute(password, salt, *length, blocks)?;
                    outer.matches(&inner, blocks)?
                }
            };
            let others = besides.iter().chain([present.as_ref()]).filter(|work| !done.contains(work));
            for work in others {
                work.pass_time(password, blocks)?;
            }
            Ok(is_right)
        })
    }

    /// Protects a fast hash of another system by argon2id of the present cost (PW-11). `None` where the hash needs no
    /// protection, or has it.
    pub async fn wrap(&self, stored: &str, caller: HashCaller) -> Result<Option<String>, HashError> {
        let inner = match StoredHash::read(stored).map_err(|_| HashError::Failed("reading a stored hash"))? {
            StoredHash::Plain(digest) if self.is_fast(&digest) => digest,
            _ => return Ok(None),
        };
        let present = self.present.clone();
        self.pool
            .run(caller, move |blocks| {
                let outer = protect(&present, &inner.bytes, blocks)?;
                Ok(Some(write_wrapped(&inner, &outer)))
            })
            .await
    }

    fn is_fast(&self, digest: &Digest) -> bool {
        digest.work != *self.present && digest.is_to_wrap()
    }

    /// Whether a stored hash is a fast one of another system that nothing protects yet.
    #[must_use]
    pub fn is_bare_and_fast(&self, hash: &str) -> bool {
        StoredHash::read(hash).is_ok_and(|hash| matches!(hash, StoredHash::Plain(digest) if self.is_fast(&digest)))
    }

    /// Whether a stored hash has the present algorithm and cost. Another is replaced at the next successful sign-in
    /// (PW-11).
    #[must_use]
    pub fn is_present_cost(&self, hash: &str) -> bool {
        StoredHash::read(hash)
            .is_ok_and(|hash| matches!(hash, StoredHash::Plain(digest) if digest.work == *self.present))
    }

    /// What a hash costs to verify, as the table keeps it; `None` where it cannot be read.
    #[must_use]
    pub fn cost_of(&self, hash: &str) -> Option<String> {
        StoredHash::read(hash).ok().map(|hash| cost_census::cost_of(&hash))
    }
}

/// Computes the argon2 of a password, or of the digest that another system has made of it.
fn protect(present: &Work, secret: &[u8], blocks: &mut Vec<Block>) -> Result<Digest, HashError> {
    let salt = random_bytes::<16>();
    let bytes = present.compute(secret, &salt, TAG, blocks)?.to_vec();
    Ok(Digest { work: present.clone(), salt: salt.to_vec(), bytes })
}

#[cfg(test)]
mod tests {
    use argon2::Argon2;

    use super::*;

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
            assert!(hasher.verify(&password("Kv7d9w"), Some(hash), Vec::new(), anyone()).await.unwrap());
            assert!(!hasher.verify(&password("Kv7d9W"), Some(hash), Vec::new(), anyone()).await.unwrap());
        }
    }

    #[tokio::test]
    async fn pw_10_reads_what_the_argon2_crate_itself_wrote() {
        use argon2::password_hash::PasswordHasher as _;
        let params = Params::new(64, 2, 1, None).unwrap();
        let theirs = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password(b"Kv7d9w").unwrap();
        assert!(
            hasher(1).verify(&password("Kv7d9w"), Some(&theirs.to_string()), Vec::new(), anyone()).await.unwrap()
        );
    }

    #[tokio::test]
    async fn pw_13_without_a_stored_hash_the_work_is_done_and_the_answer_is_no() {
        let dearer: Work = "$argon2id$v=19$m=128,t=2,p=1".parse().unwrap();
        for (besides, expected) in [(Vec::new(), 64), (vec![dearer], 128)] {
            let verification = hasher(1).verification(password("Kv7d9w"), None, besides).ok().unwrap();
            // The working memory tells that the hash was computed, and at which cost.
            let mut blocks = Vec::new();
            assert!(!verification(&mut blocks).unwrap());
            assert_eq!(blocks.len(), expected);
        }
    }

    #[tokio::test]
    async fn pw_11_a_fast_hash_is_wrapped_and_holds_no_digest_of_the_password() {
        let hasher = hasher(1);
        let digest = "{SSHA}T+M+qDSE6Gkb2y5wQOtqgLfmO35zYWx0c2FsdA==";
        let wrapped = hasher.wrap(digest, anyone()).await.unwrap().unwrap();
        assert!(wrapped.starts_with("$wrapped$ssha$c2FsdHNhbHQ$20$argon2id$v=19$m=64,t=1,p=1$"), "{wrapped}");
        for (text, right) in [("Kv7d9w", true), ("Kv7d9W", false)] {
            assert_eq!(hasher.verify(&password(text), Some(digest), Vec::new(), anyone()).await.unwrap(), right);
            assert_eq!(hasher.verify(&password(text), Some(&wrapped), Vec::new(), anyone()).await.unwrap(), right);
        }
        assert_eq!(hasher.cost_of(&wrapped).unwrap(), "$ssha+$argon2id$v=19$m=64,t=1,p=1");
        assert_eq!(hasher.wrap(&wrapped, anyone()).await.unwrap(), None);
        let own = hasher.hash(&password("Kv7d9w"), anyone()).await.unwrap();
        assert_eq!(hasher.wrap(&own, anyone()).await.unwrap(), None);
        assert!(hasher.is_present_cost(&own) && !hasher.is_present_cost(&wrapped));
    }
}
