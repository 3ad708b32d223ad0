//! The OpenAPI document, the guides and the TypeScript client: they are served, and they are true.

mod configuration;
mod guides;
mod openapi;
mod openapi_rules;
mod schemathesis;
mod typescript;
mod webhook_guide;
