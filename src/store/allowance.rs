//! The answer of a rate limit.

use chrono::TimeDelta;

/// Whether a limit lets one more through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Allowance {
    /// The limit lets one more through and has counted it.
    Granted,
    /// The limit is exhausted. One more is let through after this time.
    Exhausted(TimeDelta),
}

impl Allowance {
    /// Whether one more was let through.
    #[must_use]
    pub const fn is_granted(self) -> bool {
        matches!(self, Self::Granted)
    }
}
