//! The one source of randomness.

use aws_lc_rs::rand;

/// Bytes from the operating system's generator (TK-01).
#[must_use]
pub fn random_bytes<const COUNT: usize>() -> [u8; COUNT] {
    let mut bytes = [0; COUNT];
    if rand::fill(&mut bytes).is_err() {
        // Nothing this service does is safe without randomness, so there is nothing to go on with.
        std::process::abort();
    }
    bytes
}

/// A number from 0 up to, but not including, `bound`; 0 where `bound` is 0. For jitter, not for secrets.
#[must_use]
pub fn random_below(bound: u64) -> u64 {
    u64::from_ne_bytes(random_bytes()).checked_rem(bound).unwrap_or(0)
}
