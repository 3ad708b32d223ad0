//! The password policy: one list of rules from which enforcement, `GET /v1/password-policy` and their
//! texts in every language come (PW-15).

mod breached;
mod common_passwords;
mod profile;
mod rule;

pub use breached::BreachedPasswords;
pub use profile::PasswordPolicy;
pub use rule::{Candidate, Facts, Rule};
