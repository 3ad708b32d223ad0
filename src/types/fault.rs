//! Failures of the service itself.

use std::{error::Error, fmt};

/// The kind of a fault, which decides the answer to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A dependency is down or overloaded. The same call may succeed a moment later (503).
    Unavailable,
    /// Any other failure (500).
    Internal,
}

/// An internal failure. It is logged once, at the boundary, with its chain of causes, and never shown to the caller.
#[derive(Debug)]
pub struct Fault {
    kind: FaultKind,
    doing: &'static str,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A failure because a dependency is down or overloaded. `doing` says what was attempted, without data.
    pub fn unavailable(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: FaultKind::Unavailable, doing, source: Some(source.into()) }
    }

    /// A failure that a repetition does not mend. `doing` says what was attempted, without data.
    pub fn internal(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: FaultKind::Internal, doing, source: Some(source.into()) }
    }

    /// A failure without a cause: an assumption of the code is wrong.
    #[must_use]
    pub fn broken_invariant(doing: &'static str) -> Self {
        Self { kind: FaultKind::Internal, doing, source: None }
    }

    /// The kind, which says whether to answer 503 or 500.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The fault and its chain of causes on one line, for the log.
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
