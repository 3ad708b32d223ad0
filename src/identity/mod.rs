//! The use cases, in sub-rooms that each tell their story in `mod.rs`. Imports between them only go down:
//!
//! ```text
//! support/
//! sign_in.rs  reset/  accounts/
//! admission.rs  clients/  outbox/  passwords/  upkeep/
//! sessions/
//! abuse/
//! administration.rs  periodic.rs  signing_keys.rs  work.rs
//! transaction.rs
//! refusal.rs
//! field_error.rs  decoy.rs
//! ```

pub mod abuse;
pub mod accounts;
mod administration;
mod admission;
pub mod clients;
mod decoy;
mod field_error;
pub mod outbox;
pub mod passwords;
mod periodic;
mod refusal;
pub mod reset;
pub mod sessions;
mod sign_in;
pub mod signing_keys;
pub mod support;
mod transaction;
pub mod upkeep;
mod work;

pub use administration::Change;
pub use field_error::{Field, FieldError};
pub use periodic::{PeriodicTask, Progress};
pub use refusal::{ExpiryReason, IdentityError, LinkReason, PasswordExpiry, Refusal};
pub use sign_in::{Credentials, sign_in};
pub use work::Work;
