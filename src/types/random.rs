//! The random generator of the operating system, which is the only source of randomness.

use aws_lc_rs::rand;

/// Random bytes for secrets and ids (TK-01).
#[must_use]
pub fn random_bytes<const COUNT: usize>() -> [u8; COUNT] {
    let mut bytes = [0; COUNT];
    if rand::fill(&mut bytes).is_err() {
        // Without randomness the service cannot work safely.
        std::process::abort();
    }
    bytes
}

/// A random number from 0 up to, but not including, `bound`; 0 where `bound` is 0. It is for jitter, not for secrets.
#[must_use]
pub fn random_below(bound: u64) -> u64 {
    u64::from_ne_bytes(random_bytes()).checked_rem(bound).unwrap_or(0)
}
