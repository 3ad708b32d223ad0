//! Argon2id with a bound on its parallel work, its memory and its queue (CH-10, RL-12).

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};

use super::{
    hash_pool::{HashError, HashPool},
    hash_queue::HashCaller,
};
use crate::{
    config::Argon2Config,
    types::{Fault, Password, random_bytes},
};

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
#[derive(Clone)]
pub struct PasswordHasher {
    pool: Arc<HashPool>,
    params: Params,
    /// A hash of a password that nobody has, at the present cost (PW-13).
    dummy: Arc<PasswordHash>,
}

impl PasswordHasher {
    /// Starts the slots: as many as the settings say, and one for holders alone (CH-10). No hash is computed and no
    /// working memory is allocated yet.
    pub fn new(config: &Argon2Config) -> Result<Self, Fault> {
        let params = Params::new(config.memory_kib, config.iterations, config.parallelism, Some(32))
            .map_err(|error| Fault::internal("setting up argon2", error.to_string()))?;
        let dummy = assemble(&params, &random_bytes(), &random_bytes())
            .ok_or_else(|| Fault::broken_invariant("setting up argon2"))?;
        let pool = HashPool::start(config.concurrency, params.block_count())
            .map_err(|error| Fault::internal("starting the argon2 threads", error))?;
        Ok(Self { pool: Arc::new(pool), params, dummy: Arc::new(dummy) })
    }

    /// The number of hashes that are computed or wait.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pool.pending()
    }

    /// The most hashes that have begun, since the start, between the arrival of a holder's hash and its beginning.
    #[must_use]
    pub fn most_before_holder(&self) -> u64 {
        self.pool.most_before_holder()
    }

    /// Hashes a password into a PHC string with a random 16-byte salt and a 32-byte tag (PW-10, PW-14).
    pub async fn hash(&self, password: &Password, caller: HashCaller) -> Result<String, HashError> {
        let (password, params) = (password.clone(), self.params.clone());
        self.pool
            .run(caller, move |blocks| {
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
        self.pool.run(caller, verification).await
    }

    fn verification(
        &self,
        password: Password,
        stored: Stored<'_>,
    ) -> Result<impl FnOnce(&mut Vec<Block>) -> Result<bool, HashError> + Send + use<>, HashError> {
        let unreadable = || HashError::Failed("reading a stored hash");
        let (hash, exists) = match stored {
            Stored::Hash(text) => (PasswordHash::new(text).map_err(|_| unreadable())?, true),
            Stored::Nothing { cost: None } => (self.dummy.as_ref().clone(), false),
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
        let present = &self.dummy;
        PasswordHash::new(hash).is_ok_and(|hash| {
            (hash.algorithm, hash.version, &hash.params) == (present.algorithm, present.version, &present.params)
        })
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
}
