//! Password hashes, secret keys and tokens. [`PasswordHasher`] computes argon2id on the threads of `hash_pool`, in the
//! order in which `hash_queue` puts each [`HashCaller`], and [`CostCensus`] lets numbers without a hash cost as much as
//! others. `foreign` reads and verifies the hashes of other systems. [`Keyring`] derives the keys of every purpose from
//! the secret key; the challenges of `proof_of_work` and the [`ChangeToken`] rest on them. [`Signer`] signs and verifies
//! access tokens with its [`SigningKey`]s, and [`ClientKeys`] verify the [`ClientAssertion`]s of machine clients. A
//! [`WebhookMessage`] is signed with the keys of the endpoint that it goes to. `trail_form`
//! is the canonical form of the audit trail, whose heads a [`TrailKey`] signs.

mod access_claims;
mod access_token;
pub mod change_token;
mod client_assertion;
mod client_keys;
mod cost_census;
mod foreign;
mod hash_pool;
mod hash_queue;
mod hasher;
mod keyring;
mod proof_of_work;
mod purposes;
mod signing_key;
mod trail_form;
mod trail_key;
mod webhook_signing;

pub use access_claims::{AccessClaims, CUSTOMER_CLIENT, Claims, Frame, MachineClaims};
pub use access_token::{InvalidAccessToken, ScheduledKey, Signer};
pub use change_token::ChangeToken;
pub use client_assertion::{AssertionUse, ClientAssertion};
pub use client_keys::{ASSERTION_ALGORITHMS, ClientKeys, InvalidClientKeys, KeyMistake};
pub use cost_census::{CostCensus, CostClass, CostCount, CostCounts};
pub use foreign::{Digest, HashRefused, StoredHash, Work, parse as parse_foreign_hash};
pub use hash_pool::HashError;
pub use hash_queue::HashCaller;
pub use hasher::PasswordHasher;
pub use keyring::{Keyring, Sealed, UnknownSecretKey};
pub use proof_of_work::{Challenge, PARTS, Proof, solve};
pub use signing_key::{SigningKey, SigningKeyError};
pub use trail_form::{BatchForm, ErasableValues, HeadStatement, PlacedEntry, UnfinishedHead, erased_list_hash};
pub use trail_key::{TrailKey, is_signed_head, trail_key_id};
pub use webhook_signing::{WebhookKeyPair, WebhookMessage, WebhookPublicKey, WebhookSecret};
