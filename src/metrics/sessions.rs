//! Sessions and their refresh tokens.

use prometheus::IntCounter;

use super::definition::Definitions;

/// Sessions and their refresh tokens.
#[derive(Clone)]
pub struct SessionMetrics {
    reuse: IntCounter,
    reissued: IntCounter,
}

impl SessionMetrics {
    pub(super) fn define(definitions: &Definitions<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            reuse: definitions.counter(
                "stakis_refresh_token_reuse_total",
                "Sessions ended because a refresh token was presented twice.",
            )?,
            reissued: definitions.counter(
                "stakis_refresh_token_reissued_total",
                "Successors of refresh tokens that were handed out again, because the answer may have been lost.",
            )?,
        })
    }

    /// Counts a session that ended because a refresh token was presented twice.
    pub fn refresh_token_reused(&self) {
        self.reuse.inc();
    }

    /// Counts a successor of a refresh token that was handed out again.
    pub fn refresh_token_reissued(&self) {
        self.reissued.inc();
    }
}
