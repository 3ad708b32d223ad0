//! Argon2, the secret key's children, and signed access tokens.

mod access_token;
mod hasher;
mod keyring;
mod signing_key;

pub use access_token::{AccessClaims, InvalidAccessToken, Signer};
pub use hasher::{HashError, PasswordHasher};
pub use keyring::{Keyring, Sealed, UnknownSecretKey};
pub use signing_key::{SigningKey, SigningKeyError};
