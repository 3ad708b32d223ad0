//! The rules of every endpoint: errors, origins, the client's address.

mod client_address;
mod cors;
mod errors;
