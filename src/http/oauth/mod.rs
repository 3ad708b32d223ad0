//! `/oauth2/…`, in the forms, answers and errors of OAuth 2.0 (RFC 6749): `token` issues access tokens to clients that
//! `client_credentials` recognises, out of a `form`.

mod client_credentials;
mod error;
mod form;
mod responses;
pub(in crate::http) mod token;

pub(in crate::http) use error::OAuthErrorBody;
