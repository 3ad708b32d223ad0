//! `/oauth2/…`, with the requests, answers and errors of OAuth 2.0 (RFC 6749). `token` issues access tokens; `form`
//! reads its request, `client_credentials` the id and the secret of the client.

mod client_credentials;
mod error;
mod form;
mod responses;
pub(in crate::http) mod token;

pub(in crate::http) use error::OAuthErrorBody;
