//! `/oauth2/…`, with the requests, answers and errors of OAuth 2.0 (RFC 6749). `token` issues access tokens, `introspection`
//! tells what a token is worth, `revocation` ends one, and `metadata` describes all of it. `authentication` finds the client
//! that calls, by `client_credentials` or by the `form`.

mod authentication;
mod client_credentials;
mod error;
mod form;
pub(in crate::http) mod introspection;
pub(in crate::http) mod metadata;
mod responses;
pub(in crate::http) mod revocation;
pub(in crate::http) mod token;

pub(in crate::http) use error::OAuthErrorBody;
