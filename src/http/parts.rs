//! Which optional parts are served.

/// The optional parts of the service, switched on or off by settings.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// Whether the hosted pages are served.
    pub pages: bool,
    /// Whether `/docs`, the guides below it, `/openapi.json` and `/llms.txt` are served.
    pub docs: bool,
}
