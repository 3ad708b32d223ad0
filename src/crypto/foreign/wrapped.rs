//! What a row may hold as the hash of a password, and the form in which argon2id protects a fast hash of another system
//! (PW-11): `$wrapped` with the text of the work, its salt and length, and then an argon2id of the digest that they
//! make of the password. The digest itself is nowhere.

use data_encoding::BASE64_NOPAD;

use super::{
    Digest, HashRefused, Work, form,
    phc::{self, encode},
};

const PREFIX: &str = "$wrapped";

/// The hash of a password as a row holds it.
#[derive(Clone, PartialEq, Eq)]
pub enum StoredHash {
    /// The digest of the password.
    Plain(Digest),
    /// An argon2id of the digest that `work` makes of the password.
    Wrapped {
        /// The scheme of the other system.
        work: Work,
        /// Its salt.
        salt: Vec<u8>,
        /// The bytes of its digest.
        length: usize,
        /// The argon2id of that digest.
        outer: Digest,
    },
}

impl StoredHash {
    /// Reads the hash of a row. A hash of this service is not held against the bounds: its cost was a setting.
    pub fn read(text: &str) -> Result<Self, HashRefused> {
        if let Some(rest) = text.strip_prefix(PREFIX) {
            return read_wrapped(rest).ok_or(HashRefused::Malformed("a wrapped hash"));
        }
        match text.strip_prefix('$').filter(|rest| rest.starts_with("argon2")) {
            Some(rest) => phc::parse(rest).map(Self::Plain),
            None => form::parse(text).map(Self::Plain),
        }
    }

    /// The works that verifying a password takes.
    #[must_use]
    pub fn works(&self) -> Vec<&Work> {
        match self {
            Self::Plain(digest) => vec![&digest.work],
            Self::Wrapped { work, outer, .. } => vec![work, &outer.work],
        }
    }
}

/// Writes a wrapped hash.
pub(in crate::crypto) fn write_wrapped(inner: &Digest, outer: &Digest) -> String {
    format!(
        "{PREFIX}{}${}${}{}${}${}",
        inner.work,
        encode(&inner.salt),
        inner.bytes.len(),
        outer.work,
        encode(&outer.salt),
        encode(&outer.bytes)
    )
}

fn read_wrapped(text: &str) -> Option<StoredHash> {
    // The work has parts of its own, so the rest is counted from the end: salt, length, algorithm, version, parameters,
    // salt and digest of argon2.
    let mut parts: Vec<&str> = text.rsplitn(8, '$').collect();
    parts.reverse();
    let [work, salt, length, name, version, parameters, outer_salt, outer_digest] =
        <[&str; 8]>::try_from(parts).ok()?;
    let outer = phc::parse(&[name, version, parameters, outer_salt, outer_digest].join("$")).ok()?;
    Some(StoredHash::Wrapped {
        work: work.parse().ok()?,
        salt: BASE64_NOPAD.decode(salt.as_bytes()).ok()?,
        length: length.parse().ok()?,
        outer,
    })
}
