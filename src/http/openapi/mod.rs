//! The OpenAPI document. `document` assembles it from the table of operations, and `security` adds the security
//! schemes. `schemas` corrects what the attributes beside the handlers cannot say, `nullable` does so with what may be
//! null, `webhooks` adds the events, and `examples` composes examples of whole bodies. `quota` adds what a limit leaves to
//! a client.

mod document;
mod examples;
mod nullable;
mod quota;
mod schemas;
mod security;
mod webhooks;

pub use document::document;
pub(in crate::http) use document::show;
