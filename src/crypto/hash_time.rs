//! How long a password hash takes on this machine.

use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};

use crate::{config::Argon2Config, types::random_bytes};

/// Computes one hash of this cost, and says how long it took; `None` where it cannot be computed. It blocks.
#[must_use]
pub fn time_of_hash(config: &Argon2Config) -> Option<Duration> {
    let Argon2Config { memory_kib, iterations, parallelism, .. } = config;
    let params = Params::new(*memory_kib, *iterations, *parallelism, Some(32)).ok()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut hash = [0; 32];
    let (password, salt) = (random_bytes::<16>(), random_bytes::<16>());
    let began = Instant::now();
    argon2.hash_password_into(&password, &salt, &mut hash).ok()?;
    Some(began.elapsed())
}
