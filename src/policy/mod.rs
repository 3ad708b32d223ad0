//! The password policy. Enforcement, `GET /v1/password-policy` and the texts in every language come from one list of
//! rules (PW-15).

mod breached;
mod common_passwords;
mod profile;
mod rule;

pub(crate) use breached::BreachLookup;
pub(crate) use breached::BreachedPasswords;
pub(crate) use profile::PasswordPolicy;
pub(crate) use rule::{Candidate, LookedUp, Rule};
