//! What every request passes on its way in, and every response on its way out: `envelope` gives a request its id, its
//! language and its deadline, and a response its headers; the extractors tell the handlers who is calling and what was
//! sent.

pub(in crate::http) mod authorization;
pub(in crate::http) mod body;
pub(in crate::http) mod caller;
mod client_address;
mod cors;
pub(in crate::http) mod envelope;
pub(in crate::http) mod strict_json;
