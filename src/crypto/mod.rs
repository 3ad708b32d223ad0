//! Argon2, the keys that are derived from the secret key, and signed access tokens.

mod access_claims;
mod access_token;
pub mod change_token;
mod cost_census;
mod hasher;
mod keyring;
mod proof_of_work;
mod signing_key;

pub use access_claims::{AccessClaims, MachineClaims};
pub use access_token::{InvalidAccessToken, ScheduledKey, Signer};
pub use change_token::ChangeToken;
pub use cost_census::{CostCensus, pick_cost};
pub use hasher::{HashError, PasswordHasher, Stored};
pub use keyring::{Keyring, Sealed, UnknownSecretKey};
pub use proof_of_work::{Challenge, PARTS, Proof, solve};
pub use signing_key::{SigningKey, SigningKeyError};
