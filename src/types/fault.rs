//! What went wrong on our side.

use std::{error::Error, fmt};

/// What the caller may conclude from a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A dependency is down or everything is busy: the same call may work in a moment (503).
    Unavailable,
    /// Anything else (500).
    Internal,
}

/// A failure that is nobody's business but ours: logged once at the boundary with its source chain,
/// and shown to nobody.
#[derive(Debug)]
pub struct Fault {
    kind: FaultKind,
    doing: &'static str,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A dependency is down or overloaded. `doing` says what was attempted, without data.
    pub fn unavailable(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: FaultKind::Unavailable, doing, source: Some(source.into()) }
    }

    /// A failure that waiting does not mend.
    pub fn internal(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: FaultKind::Internal, doing, source: Some(source.into()) }
    }

    /// A broken assumption of ours that has no further cause.
    #[must_use]
    pub fn broken_invariant(doing: &'static str) -> Self {
        Self { kind: FaultKind::Internal, doing, source: None }
    }

    /// Whether to answer 503 or 500.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The whole chain of causes on one line, for the log.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text.replace(['\r', '\n'], " ")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.doing)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| -> &(dyn Error + 'static) { source })
    }
}
