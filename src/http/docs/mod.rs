//! The documentation, which is part of the binary: Swagger UI, the guides, pages for all codes, and what programs read.

pub(in crate::http) mod collection;
pub(in crate::http) mod guides;
pub(in crate::http) mod llms_txt;
pub(in crate::http) mod problem_types;
pub(in crate::http) mod swagger_ui;
