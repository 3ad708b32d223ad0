//! The modular forms of `crypt(3)`: bcrypt, MD5-crypt and SHA-crypt.

use std::sync::LazyLock;

use data_encoding::{BitOrder, Encoding, Specification};

use super::{
    Digest, HashRefused,
    work::{ShaCrypt, Work},
    work_text::number,
};

/// The Base64 of bcrypt. The last letter of a salt may have bits that mean nothing, and some programs set them.
static BCRYPT: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut form = Specification::new();
    form.symbols.push_str("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    form.check_trailing_bits = false;
    form.encoding().ok()
});

/// The Base64 of `crypt(3)`, which takes the lowest bits first.
static CRYPT: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut form = Specification::new();
    form.symbols.push_str("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    form.bit_order = BitOrder::LeastSignificantFirst;
    form.encoding().ok()
});

const DEFAULT_ROUNDS: u32 = 5000;
const LONGEST_SHA_SALT: usize = 16;
const LONGEST_MD5_SALT: usize = 8;

fn decode(encoding: Option<&Encoding>, text: &str, part: &'static str) -> Result<Vec<u8>, HashRefused> {
    let malformed = HashRefused::Malformed(part);
    encoding.ok_or(malformed)?.decode(text.as_bytes()).map_err(|_| malformed)
}

/// Reads `2b$12$` with a salt of 22 letters and a digest of 31.
pub(super) fn bcrypt(text: &str) -> Result<Digest, HashRefused> {
    let malformed = HashRefused::Malformed("the parts of bcrypt");
    let [_, cost, rest] = <[&str; 3]>::try_from(text.split('$').collect::<Vec<_>>()).map_err(|_| malformed)?;
    let cost: u32 = if cost.len() == 2 { cost.strip_prefix('0').unwrap_or(cost).parse().ok() } else { None }
        .ok_or(HashRefused::Malformed("the cost of bcrypt"))?;
    let (salt, digest) = rest.split_at_checked(22).filter(|_| rest.len() == 53).ok_or(malformed)?;
    let salt = decode(BCRYPT.as_ref(), salt, "the salt of bcrypt")?;
    Ok(Digest {
        work: Work::Bcrypt { cost },
        salt,
        bytes: decode(BCRYPT.as_ref(), digest, "the digest of bcrypt")?,
    })
}

/// Reads `1$salt$digest`.
pub(super) fn md5_crypt(text: &str) -> Result<Digest, HashRefused> {
    let [_, salt, digest] = <[&str; 3]>::try_from(text.split('$').collect::<Vec<_>>())
        .map_err(|_| HashRefused::Malformed("the parts of MD5-crypt"))?;
    if salt.len() > LONGEST_MD5_SALT || salt.is_empty() {
        return Err(HashRefused::Malformed("the salt of MD5-crypt"));
    }
    let order = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11];
    let bytes = in_order(&decode(CRYPT.as_ref(), digest, "the digest of MD5-crypt")?, &order)
        .ok_or(HashRefused::Malformed("the digest of MD5-crypt"))?;
    Ok(Digest { work: Work::Md5Crypt, salt: salt.into(), bytes })
}

/// Reads `6$salt$digest` or `6$rounds=656000$salt$digest`, and `5` in the same way.
pub(super) fn sha_crypt(text: &str) -> Result<Digest, HashRefused> {
    let parts: Vec<&str> = text.split('$').collect();
    let (name, rounds, salt, encoded) = match parts.as_slice() {
        [name, salt, digest] => (*name, Some(DEFAULT_ROUNDS), *salt, *digest),
        [name, rounds, salt, digest] => (*name, rounds.strip_prefix("rounds=").and_then(number), *salt, *digest),
        _ => return Err(HashRefused::Malformed("the parts of SHA-crypt")),
    };
    let rounds = rounds.ok_or(HashRefused::Malformed("the rounds of SHA-crypt"))?;
    if salt.len() > LONGEST_SHA_SALT || salt.is_empty() {
        return Err(HashRefused::Malformed("the salt of SHA-crypt"));
    }
    let digest = if name == "5" { ShaCrypt::Sha256 } else { ShaCrypt::Sha512 };
    let malformed = HashRefused::Malformed("the digest of SHA-crypt");
    let bytes =
        in_order(&decode(CRYPT.as_ref(), encoded, "the digest of SHA-crypt")?, &order(digest)).ok_or(malformed)?;
    Ok(Digest { work: Work::ShaCrypt { digest, rounds }, salt: salt.into(), bytes })
}

/// The places of the digest's bytes in its text: groups of three, each of which begins a step after the one before.
fn order(digest: ShaCrypt) -> Vec<usize> {
    let (step, third, last): (usize, usize, &[usize]) = match digest {
        ShaCrypt::Sha256 => (21, 10, &[30, 31]),
        ShaCrypt::Sha512 => (22, 21, &[63]),
    };
    let whole = 3 * third;
    let groups = (0..third).flat_map(|group| {
        let first = group * step % whole;
        [(first + 2 * third) % whole, (first + third) % whole, first]
    });
    groups.chain(last.iter().copied()).collect()
}

/// Puts bytes to their places; `None` where there are more or fewer.
fn in_order(bytes: &[u8], order: &[usize]) -> Option<Vec<u8>> {
    let mut sorted = vec![0; order.len()];
    if bytes.len() != order.len() {
        return None;
    }
    for (byte, place) in bytes.iter().zip(order) {
        *sorted.get_mut(*place)? = *byte;
    }
    Some(sorted)
}
