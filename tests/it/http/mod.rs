//! The rules of every endpoint: connections, errors, origins, the client's address.

mod authorization;
mod client_address;
mod connections;
mod cors;
mod errors;
mod malformed;
mod plain_http;
mod protocol_offers;
