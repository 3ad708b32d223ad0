//! The OpenAPI document, the guides, the TypeScript client and the documents of the repository: each is complete and
//! true.

mod asvs;
mod authorization;
mod breaking;
mod clients;
mod collection;
mod configuration;
mod deployment;
mod guides;
mod openapi;
mod openapi_rules;
mod papers;
mod requirements;
mod schemathesis;
mod typescript;
mod webhook_guide;
