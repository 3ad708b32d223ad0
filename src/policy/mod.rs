//! The password policy: one list of rules from which enforcement, `GET /v1/password-policy` and their
//! texts in every language come (PW-15).

mod common;
mod profile;
mod rule;

pub use profile::PasswordPolicy;
pub use rule::{Candidate, Parameter, Rule, sentence};
