//! The OpenAPI document, assembled from the attributes beside the handlers.

mod document;
mod examples;
mod problem_examples;
mod schemas;

pub use document::document;
pub(in crate::http) use document::show;
