//! The password policy. Enforcement, `GET /v1/password-policy` and the texts in every language come from one list of
//! rules (PW-15).

mod breached;
mod common_passwords;
mod profile;
mod rule;

pub(crate) use breached::BreachLookup;
pub use breached::BreachedPasswords;
pub use profile::PasswordPolicy;
pub use rule::{Candidate, LookedUp, Rule};
