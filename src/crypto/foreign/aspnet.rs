//! The hashes of ASP.NET Core Identity, in Base64 (its `PasswordHasher<TUser>`). Version 2: a zero byte, a salt of 16
//! bytes and 32 bytes of PBKDF2 with HMAC-SHA-1 and 1000 iterations. Version 3: a byte 1, then the function, the
//! iterations and the length of the salt as 32 bits each, the highest byte first, the salt and the digest.

use std::num::NonZeroU32;

use data_encoding::BASE64;

use super::{
    Digest, HashRefused,
    work::{Prf, Work},
};

const VERSION_2_ITERATIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);
const VERSION_2_SALT: usize = 16;
const VERSION_2_DIGEST: usize = 32;

pub(super) fn parse(text: &str) -> Result<Digest, HashRefused> {
    let bytes = BASE64.decode(text.as_bytes()).map_err(|_| HashRefused::Unknown)?;
    match bytes.split_first() {
        Some((0, rest)) if rest.len() == VERSION_2_SALT + VERSION_2_DIGEST => {
            let (salt, digest) = rest.split_at(VERSION_2_SALT);
            Ok(with(Prf::Sha1, VERSION_2_ITERATIONS, salt, digest))
        }
        Some((1, rest)) => version_3(rest).ok_or(HashRefused::Malformed("the head of ASP.NET Identity v3")),
        _ => Err(HashRefused::Unknown),
    }
}

fn version_3(bytes: &[u8]) -> Option<Digest> {
    let (function, bytes) = word(bytes)?;
    let (iterations, bytes) = word(bytes)?;
    let (salt_length, bytes) = word(bytes)?;
    let prf = match function {
        0 => Prf::Sha1,
        1 => Prf::Sha256,
        2 => Prf::Sha512,
        _ => return None,
    };
    let (salt, digest) = bytes.split_at_checked(usize::try_from(salt_length).ok()?)?;
    Some(with(prf, NonZeroU32::new(iterations)?, salt, digest))
}

fn word(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (word, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*word), rest))
}

fn with(prf: Prf, iterations: NonZeroU32, salt: &[u8], digest: &[u8]) -> Digest {
    let work = Work::Pbkdf2 { prf, iterations, length: digest.len() };
    Digest { work, salt: salt.to_vec(), bytes: digest.to_vec() }
}
