//! The use cases, in sub-rooms that each tell their story in `mod.rs`. Imports between them only go down:
//!
//! ```text
//! support/
//! sign_in.rs  reset/  accounts/
//! clients/  outbox/  passwords/  upkeep/
//! sessions/
//! abuse/
//! refusal.rs  work.rs
//! ```

pub mod abuse;
pub mod accounts;
pub mod clients;
pub mod outbox;
pub mod passwords;
mod refusal;
pub mod reset;
pub mod sessions;
mod sign_in;
pub mod support;
pub mod upkeep;
mod work;

pub use refusal::{Field, FieldError, IdentityError, LinkReason, PasswordExpiry, Refusal};
pub use sign_in::{Credentials, sign_in};
pub use work::Work;
