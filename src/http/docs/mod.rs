//! The documentation, which is part of the binary: Swagger UI, the guides, and pages for all codes.

pub(in crate::http) mod guides;
pub(in crate::http) mod problem_types;
pub(in crate::http) mod swagger_ui;
