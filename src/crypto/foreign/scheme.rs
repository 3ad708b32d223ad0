//! The scheme that a work belongs to.

use super::work::{Prf, ShaCrypt, Ssha, Work};
use crate::types::HashScheme;

impl Work {
    /// The scheme of the digest that the work computes.
    #[must_use]
    pub const fn scheme(&self) -> HashScheme {
        match self {
            Self::Argon2 { .. } => HashScheme::Argon2,
            Self::Bcrypt { .. } => HashScheme::Bcrypt,
            Self::Md5Crypt => HashScheme::Md5Crypt,
            Self::Pbkdf2 { prf: Prf::Sha1, .. } => HashScheme::Pbkdf2Sha1,
            Self::Pbkdf2 { prf: Prf::Sha256, .. } => HashScheme::Pbkdf2Sha256,
            Self::Pbkdf2 { prf: Prf::Sha512, .. } => HashScheme::Pbkdf2Sha512,
            Self::Scrypt { .. } => HashScheme::Scrypt,
            Self::ShaCrypt { digest: ShaCrypt::Sha256, .. } => HashScheme::Sha256Crypt,
            Self::ShaCrypt { digest: ShaCrypt::Sha512, .. } => HashScheme::Sha512Crypt,
            Self::Ssha(Ssha::Sha1) => HashScheme::Ssha,
            Self::Ssha(Ssha::Sha256) => HashScheme::Ssha256,
            Self::Ssha(Ssha::Sha512) => HashScheme::Ssha512,
        }
    }
}
