//! Which optional parts are served.

/// Which optional parts are served.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// The hosted pages.
    pub pages: bool,
    /// `/docs`, the guides below it, and `/openapi.json`.
    pub docs: bool,
}
