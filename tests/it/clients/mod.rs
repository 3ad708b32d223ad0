//! Machine clients: how they authenticate themselves, their tokens, and the access that the tokens give.

mod access;
pub(crate) mod assertions;
mod command_line;
mod guessing;
mod introspection;
mod libraries;
mod metadata;
mod quotas;
mod revocation;
mod rotation;
mod token_endpoint;
mod webhook_libraries;
mod wrong_assertions;
