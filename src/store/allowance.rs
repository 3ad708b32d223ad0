//! The answer of a rate limit.

use chrono::TimeDelta;

use crate::config::Limit;

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

/// What a limit leaves to a caller who may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The limit.
    pub limit: Limit,
    /// How many more are let through at once.
    pub remaining: i64,
    /// The time until the whole limit is there again; where nothing remains, until one more is let through.
    pub renewed_in: TimeDelta,
}

impl Quota {
    /// What an exhausted limit leaves.
    #[must_use]
    pub const fn exhausted(limit: Limit, wait: TimeDelta) -> Self {
        Self { limit, remaining: 0, renewed_in: wait }
    }
}
