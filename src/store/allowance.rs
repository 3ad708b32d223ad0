//! The answer of a limit.

use chrono::TimeDelta;

/// Whether a limit lets one more through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Allowance {
    /// It does, and has counted it.
    Granted,
    /// It does not. The next one may come after this time.
    Exhausted(TimeDelta),
}

impl Allowance {
    /// Whether one more was let through.
    #[must_use]
    pub const fn is_granted(self) -> bool {
        matches!(self, Self::Granted)
    }
}
