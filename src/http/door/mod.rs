//! The processing that all requests and responses share. `envelope` gives a request its id, its language and its
//! deadline, and a response its headers; `traced` says it in the log and the trace. The extractors tell handlers who is calling and what was sent.

pub(in crate::http) mod actor_slot;
pub(in crate::http) mod authorization;
pub(in crate::http) mod body;
pub(in crate::http) mod caller;
pub(in crate::http) mod client_address;
mod cors;
pub(in crate::http) mod envelope;
mod forwarded;
mod json_tree;
pub(in crate::http) mod quota;
pub(in crate::http) mod strict_json;
mod traced;
