//! The use cases, in sub-rooms that each tell their story in `mod.rs`. Imports between them only go down:
//!
//! ```text
//! activity/  import/  measurements/  restore/  support/
//! accounts/
//! sign_in.rs  reset/  email_change/
//! admission.rs  audit/  caller_codes/  clients/  events/  lock_down/  outbox/  passwords/  upkeep/  webhooks/
//! sessions/
//! abuse/
//! administration.rs  idempotency.rs  notice.rs  periodic.rs  sealed_cursor.rs  signing_keys.rs
//! address.rs  live_link.rs  work.rs
//! transaction.rs
//! refusal.rs
//! field_error.rs  decoy.rs
//! ```

pub mod abuse;
pub mod accounts;
pub mod activity;
mod address;
mod administration;
mod admission;
pub mod audit;
pub mod caller_codes;
pub mod clients;
mod decoy;
pub mod email_change;
pub mod events;
mod field_error;
pub mod idempotency;
pub mod import;
mod live_link;
pub mod lock_down;
pub mod measurements;
mod notice;
pub mod outbox;
pub mod passwords;
mod periodic;
mod refusal;
pub mod reset;
pub mod restore;
mod sealed_cursor;
pub mod sessions;
mod sign_in;
pub mod signing_keys;
pub mod support;
mod transaction;
pub mod upkeep;
pub mod webhooks;
mod work;

pub use address::EmailState;
pub use administration::{Change, Which};
pub use field_error::{Field, FieldError};
pub use periodic::{PeriodicTask, Progress, Retention};
pub use refusal::{ExpiryReason, IdentityError, LinkReason, PasswordExpiry, Refusal};
pub use sign_in::{Credentials, sign_in};
pub use work::{JobOutcome, Work};
