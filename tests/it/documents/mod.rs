//! The OpenAPI document, the guides, the TypeScript client and the papers of the repository: they are there, and they are true.

mod configuration;
mod guides;
mod openapi;
mod openapi_rules;
mod papers;
mod requirements;
mod schemathesis;
mod typescript;
mod webhook_guide;
