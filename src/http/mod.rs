//! The front door: one file per resource, in each the request and answer, the OpenAPI attribute and the
//! handler side by side. A handler is parse, one use case, answer.
//!
//! To add an endpoint:
//! 1. its handler, with `#[utoipa::path]`, in the file of its resource;
//! 2. its route in `routes`, with every other method answered by `method_not_allowed`;
//! 3. its operation in `openapi.rs` (a test compares the two);
//! 4. `stakis-identity openapi > openapi/openapi.json` (a test fails on drift);
//! 5. tests: the happy path, every refusal, and who may call it.

mod account;
mod account_password;
mod challenges;
mod docs;
mod door;
mod health;
mod mail_events;
mod methods;
mod oauth;
mod openapi;
mod operations;
mod pages;
mod parts;
mod password_policy;
mod password_resets;
mod problem;
mod routes;
mod server;
mod sessions;
mod support;
mod timestamp;
mod well_known;

pub use openapi::document;
pub use operations::start_operations;
pub use parts::Parts;
pub use server::start;
pub(crate) use support::DiagnosisBody;
