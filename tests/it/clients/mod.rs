//! Machine clients.

pub(crate) mod oauth;
