//! How much a hash of another system may cost to verify, and how little (`docs/import.md`). Each attempt of a stranger
//! costs as much as the hash: an imported hash that takes a minute is a denial of service. At its bound each
//! scheme takes about a second of one core; scrypt and argon2 take 128 MiB.

use super::{
    HashRefused,
    work::{Digest, Prf, ShaCrypt, Work},
};

/// The most memory of one hash in KiB.
const MOST_MEMORY_KIB: u64 = 128 * 1024;
/// The most memory that argon2 writes in all its passes, in KiB.
const MOST_WRITTEN_KIB: u64 = 1024 * 1024;
const MOST_LANES: u32 = 16;
/// The most of N × r × p of scrypt: twice N = 2^17, r = 8, which OWASP asks for.
const MOST_SCRYPT: u64 = 1 << 21;
const BCRYPT: std::ops::RangeInclusive<u32> = 4..=14;
const SHA_CRYPT: std::ops::RangeInclusive<u32> = 1000..=1_000_000;
/// The most bytes of a salt. A hash with a short one, or with none, is wrapped like a fast one.
const LONGEST_SALT: usize = 64;
/// The bytes of a digest.
const DIGEST: std::ops::RangeInclusive<usize> = 16..=64;
/// argon2 takes no shorter salt (RFC 9106 §3.1).
const LEAST_ARGON2_SALT: usize = 8;

/// The most iterations of PBKDF2, over all blocks of the digest.
const fn most_pbkdf2(prf: Prf) -> u64 {
    match prf {
        Prf::Sha1 => 4_000_000,
        Prf::Sha256 => 3_000_000,
        Prf::Sha512 => 1_500_000,
    }
}

/// Refuses what costs too much or protects too little.
pub(super) fn check(digest: Digest) -> Result<Digest, HashRefused> {
    use HashRefused::{Malformed, TooDear, TooWeak};
    match &digest.work {
        Work::Argon2 { memory_kib, iterations, parallelism, .. } => {
            let (memory, passes) = (u64::from(*memory_kib), u64::from(*iterations));
            if memory > MOST_MEMORY_KIB || memory.saturating_mul(passes) > MOST_WRITTEN_KIB {
                return Err(TooDear("argon2 takes more than 128 MiB, or writes more than 1 GiB"));
            }
            if *parallelism > MOST_LANES {
                return Err(TooDear("argon2 has more than 16 lanes"));
            }
            if digest.work.argon2_params().is_none() || digest.salt.len() < LEAST_ARGON2_SALT {
                return Err(Malformed("the parameters or the salt of argon2"));
            }
        }
        Work::Scrypt { log_n, r, p } => check_scrypt(*log_n, *r, *p)?,
        Work::Pbkdf2 { prf, iterations, length } => {
            let blocks = length.div_ceil(prf.block());
            let all = u64::from(iterations.get()).saturating_mul(u64::try_from(blocks).unwrap_or(u64::MAX));
            if all > most_pbkdf2(*prf) {
                return Err(TooDear("PBKDF2 has too many iterations"));
            }
        }
        Work::Bcrypt { cost } if cost > BCRYPT.end() => return Err(TooDear("the cost of bcrypt is above 14")),
        Work::Bcrypt { cost } if cost < BCRYPT.start() => return Err(Malformed("the cost of bcrypt")),
        Work::ShaCrypt { rounds, .. } if rounds > SHA_CRYPT.end() => {
            return Err(TooDear("SHA-crypt has more than 1000000 rounds"));
        }
        Work::ShaCrypt { rounds, .. } if rounds < SHA_CRYPT.start() => {
            return Err(Malformed("the rounds of SHA-crypt"));
        }
        Work::Bcrypt { .. } | Work::ShaCrypt { .. } | Work::Md5Crypt | Work::Ssha(_) => {}
    }
    if !DIGEST.contains(&digest.bytes.len()) {
        return Err(if digest.bytes.len() < *DIGEST.start() {
            TooWeak("the digest has fewer than 16 bytes")
        } else {
            Malformed("the digest has more than 64 bytes")
        });
    }
    if digest.salt.len() > LONGEST_SALT {
        return Err(Malformed("the salt has more than 64 bytes"));
    }
    Ok(digest)
}

fn check_scrypt(log_n: u8, r: u32, p: u32) -> Result<(), HashRefused> {
    let too_dear = HashRefused::TooDear("scrypt takes more than 128 MiB, or N × r × p is above 2^21");
    if log_n > 30 {
        return Err(too_dear);
    }
    let (n, r, p) = (1_u64 << log_n, u64::from(r), u64::from(p));
    let memory_kib = n.saturating_mul(r).saturating_add(r.saturating_mul(p)).div_ceil(8);
    if memory_kib > MOST_MEMORY_KIB + 1024 || n.saturating_mul(r).saturating_mul(p) > MOST_SCRYPT {
        return Err(too_dear);
    }
    if log_n == 0 || r == 0 || p == 0 {
        return Err(HashRefused::Malformed("the parameters of scrypt"));
    }
    Ok(())
}

/// The bytes of a salt below which two customers may well have the same.
const LEAST_SALT: usize = 4;

impl Digest {
    /// Whether housekeeping wraps the digest: its work is fast, or it has hardly any salt, so that one guess may serve
    /// for many customers (PW-11). A short salt of `crypt(3)` is that of a fast work anyway.
    #[must_use]
    pub fn is_to_wrap(&self) -> bool {
        self.work.is_fast() || self.salt.len() < LEAST_SALT
    }
}

impl Work {
    /// Whether a stolen hash would be guessed much faster than one of this service: less work than OWASP asks of the
    /// scheme (Password Storage Cheat Sheet), or than PW-10 of argon2. Housekeeping wraps such a hash (PW-11).
    #[must_use]
    fn is_fast(&self) -> bool {
        match self {
            Self::Md5Crypt | Self::Ssha(_) => true,
            Self::Argon2 { memory_kib, iterations, .. } => {
                u64::from(*memory_kib).saturating_mul(u64::from(*iterations)) < 19_456 * 2
            }
            Self::Bcrypt { cost } => *cost < 10,
            Self::Pbkdf2 { prf, iterations, .. } => {
                iterations.get()
                    < match prf {
                        Prf::Sha1 => 1_300_000,
                        Prf::Sha256 => 600_000,
                        Prf::Sha512 => 210_000,
                    }
            }
            Self::Scrypt { log_n, r, p } => {
                (1_u64 << (*log_n).min(40)).saturating_mul(u64::from(*r)).saturating_mul(u64::from(*p)) < 1 << 17
            }
            Self::ShaCrypt { digest, rounds } => {
                *rounds
                    < match digest {
                        ShaCrypt::Sha256 => 500_000,
                        ShaCrypt::Sha512 => 200_000,
                    }
            }
        }
    }
}
