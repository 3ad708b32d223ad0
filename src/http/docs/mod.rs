//! The documentation, from the binary itself: Swagger UI, the guides, and a page for every kind of problem.

pub(in crate::http) mod guides;
pub(in crate::http) mod problem_types;
pub(in crate::http) mod swagger_ui;
