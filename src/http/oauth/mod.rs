//! `/oauth2/…`: forms and answers as OAuth 2.0 has them, errors too (RFC 6749).

mod error;
pub(in crate::http) mod token;

pub(in crate::http) use error::add_examples;
