//! The HTTP API: one file for each resource, with its requests and answers, the OpenAPI attribute and the handler side
//! by side. A handler parses the request, calls one use case, and makes the answer. Every request passes `door` first.
//! An error becomes a response in `problem`. `openapi` assembles the document that `docs` shows, `oauth` serves
//! machine clients, and `support_page` people of support.
//!
//! To add an endpoint:
//! 1. write its handler, with `#[utoipa::path]`, in the file of its resource;
//! 2. add it to the table in `api.rs` with who may call it: that gives it its route, 405 for other methods, and its place
//!    in the document;
//! 3. describe the refusals it needs in `problem/responses.rs`;
//! 4. run `tests/generate`, which writes the document and all that is made from it (tests fail on drift);
//! 5. write its tests: the success, every refusal, and who may call it.

mod access;
mod account;
mod account_activity;
mod account_caller_code;
mod account_email;
mod account_password;
mod admin;
mod api;
mod caller_codes;
mod challenges;
mod docs;
mod door;
mod email_changes;
mod events;
mod expected_answers;
mod health;
mod idempotency;
mod listed_sessions;
mod lock_downs;
mod mail_events;
mod oauth;
mod openapi;
mod operation;
mod operations_listener;
mod page_query;
mod pages;
mod parts;
mod password_policy;
mod password_resets;
mod problem;
mod routes;
mod security_contact;
mod server;
mod sessions;
mod starting;
mod support;
mod support_page;
mod timestamp;
mod unknown_address;
mod webhooks;
mod well_known;

#[doc(hidden)]
pub use door::{client_address::client_address, strict_json::read_strict_json};
pub use openapi::document;
pub use operations_listener::{start_operations, start_operations_with_probes};
pub use parts::Parts;
pub use server::{start, start_with};
pub use starting::start_waiting;
pub(crate) use support::DiagnosisBody;
