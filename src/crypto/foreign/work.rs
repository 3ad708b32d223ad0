//! What it takes to compute one digest of a password.

use std::num::NonZeroU32;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::{constant_time, digest, pbkdf2};
use zeroize::Zeroizing;

use super::md5_crypt::md5_crypt;
use crate::crypto::hash_pool::HashError;

/// A scheme with its cost. Two digests of the same work take the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Argon2 (RFC 9106).
    Argon2 {
        /// Argon2d, Argon2i or Argon2id.
        algorithm: Algorithm,
        /// The version of the function.
        version: Version,
        /// The memory in KiB.
        memory_kib: u32,
        /// The passes over the memory.
        iterations: u32,
        /// The lanes.
        parallelism: u32,
    },
    /// bcrypt, which reads 72 bytes of a password.
    Bcrypt {
        /// The base-2 logarithm of the rounds.
        cost: u32,
    },
    /// MD5-crypt, a thousand rounds.
    Md5Crypt,
    /// PBKDF2 (RFC 8018 §5.2).
    Pbkdf2 {
        /// The pseudo-random function.
        prf: Prf,
        /// The iterations for each block.
        iterations: NonZeroU32,
        /// The bytes of the digest, which decide the number of blocks.
        length: usize,
    },
    /// scrypt (RFC 7914).
    Scrypt {
        /// The base-2 logarithm of N.
        log_n: u8,
        /// The size of a block.
        r: u32,
        /// The parallelism.
        p: u32,
    },
    /// SHA-crypt, as Linux has it in `/etc/shadow`.
    ShaCrypt {
        /// The hash function.
        digest: ShaCrypt,
        /// The rounds.
        rounds: u32,
    },
    /// One salted digest, as LDAP directories have it.
    Ssha(Ssha),
}

/// The pseudo-random function of PBKDF2: HMAC with a hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prf {
    /// HMAC-SHA-1.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// The hash function of SHA-crypt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShaCrypt {
    /// SHA-256, the prefix `$5$`.
    Sha256,
    /// SHA-512, the prefix `$6$`.
    Sha512,
}

/// The hash function of a salted digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ssha {
    /// SHA-1, the prefix `{SSHA}`.
    Sha1,
    /// SHA-256, the prefix `{SSHA256}`.
    Sha256,
    /// SHA-512, the prefix `{SSHA512}`.
    Sha512,
}

/// The digest of a password, with what computes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Digest {
    /// The scheme and its cost.
    pub work: Work,
    /// The salt.
    pub salt: Vec<u8>,
    /// The bytes to compare with.
    pub bytes: Vec<u8>,
}

/// The parameters are checked before they are stored, so this does not happen.
const FAILED: HashError = HashError::Failed("computing a hash");
/// The bytes of a password that bcrypt reads, with the zero byte at its end.
const BCRYPT_BYTES: usize = 72;
/// The salt of a digest that is computed for its time alone.
const SALT_OF_NOBODY: [u8; 16] = *b"stakis-no-salt-1";

impl Digest {
    /// Whether the password has this digest.
    pub(in crate::crypto) fn matches(&self, password: &[u8], blocks: &mut Vec<Block>) -> Result<bool, HashError> {
        let computed = self.work.compute(password, &self.salt, self.bytes.len(), blocks)?;
        Ok(constant_time::verify_slices_are_equal(&computed, &self.bytes).is_ok())
    }
}

impl Work {
    /// Does the work for its time alone.
    pub(in crate::crypto) fn pass_time(&self, password: &[u8], blocks: &mut Vec<Block>) -> Result<(), HashError> {
        self.compute(password, &SALT_OF_NOBODY, self.usual_length(), blocks).map(drop)
    }

    /// The bytes of a digest, where the scheme leaves no choice or the text of the work names them; else what is usual.
    const fn usual_length(&self) -> usize {
        match self {
            Self::Pbkdf2 { length, .. } => *length,
            Self::Bcrypt { .. } => 23,
            Self::Md5Crypt => 16,
            Self::ShaCrypt { digest: ShaCrypt::Sha512, .. } => 64,
            Self::Ssha(digest) => digest.length(),
            Self::Argon2 { .. } | Self::Scrypt { .. } | Self::ShaCrypt { digest: ShaCrypt::Sha256, .. } => 32,
        }
    }

    /// Computes a digest of `length` bytes in the working memory of a slot.
    pub(in crate::crypto) fn compute(
        &self,
        password: &[u8],
        salt: &[u8],
        length: usize,
        blocks: &mut Vec<Block>,
    ) -> Result<Zeroizing<Vec<u8>>, HashError> {
        let mut bytes = Zeroizing::new(vec![0; length]);
        match self {
            Self::Argon2 { algorithm, version, .. } => {
                let params = self.argon2_params().ok_or(FAILED)?;
                if blocks.len() < params.block_count() {
                    blocks.resize(params.block_count(), Block::default());
                }
                Argon2::new(*algorithm, *version, params)
                    .hash_password_into_with_memory(password, salt, &mut bytes, blocks)
                    .map_err(|_| FAILED)?;
            }
            Self::Scrypt { log_n, r, p } => {
                let params = scrypt::Params::new(*log_n, *r, *p).map_err(|_| FAILED)?;
                scrypt::scrypt(password, salt, &params, &mut bytes).map_err(|_| FAILED)?;
            }
            Self::Pbkdf2 { prf, iterations, .. } => {
                pbkdf2::derive(prf.algorithm(), *iterations, salt, password, &mut bytes);
            }
            Self::Bcrypt { cost } => {
                let salt = salt.try_into().map_err(|_| FAILED)?;
                let key = password.iter().copied().chain([0]).take(BCRYPT_BYTES);
                let key: Zeroizing<Vec<u8>> = Zeroizing::new(key.collect());
                fill(&mut bytes, &bcrypt::bcrypt(*cost, salt, &key));
            }
            Self::Md5Crypt => fill(&mut bytes, &md5_crypt(password, salt)),
            Self::ShaCrypt { digest, rounds } => {
                let params = sha_crypt::Params::new(*rounds).map_err(|_| FAILED)?;
                match digest {
                    ShaCrypt::Sha256 => fill(&mut bytes, &sha_crypt::sha256_crypt(password, salt, params)),
                    ShaCrypt::Sha512 => fill(&mut bytes, &sha_crypt::sha512_crypt(password, salt, params)),
                }
            }
            Self::Ssha(function) => {
                let mut context = digest::Context::new(function.algorithm());
                context.update(password);
                context.update(salt);
                fill(&mut bytes, context.finish().as_ref());
            }
        }
        Ok(bytes)
    }

    /// The parameters of argon2; `None` for another scheme, or where they fit none.
    pub(in crate::crypto) fn argon2_params(&self) -> Option<Params> {
        match self {
            Self::Argon2 { memory_kib, iterations, parallelism, .. } => {
                Params::new(*memory_kib, *iterations, *parallelism, None).ok()
            }
            _ => None,
        }
    }
}

/// Fills as much of `bytes` as there is. A digest of another length was refused when it was parsed.
fn fill(bytes: &mut [u8], digest: &[u8]) {
    for (byte, computed) in bytes.iter_mut().zip(digest) {
        *byte = *computed;
    }
}

impl Prf {
    fn algorithm(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }

    /// The bytes of one block.
    pub(super) const fn block(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl Ssha {
    fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha512 => &digest::SHA512,
        }
    }

    /// The bytes of a digest.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}
