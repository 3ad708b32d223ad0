//! Passwords and the schemes of their hashes.

use prometheus::IntCounter;

use super::definition::{Definitions, Gauges, Label, words};
use crate::types::HashScheme;

/// Passwords and the schemes of their hashes.
#[derive(Clone)]
pub struct PasswordMetrics {
    changes: IntCounter,
    schemes: Gauges,
}

impl PasswordMetrics {
    pub(super) fn define(definitions: &Definitions<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            changes: definitions.counter(
                "stakis_password_changes_total",
                "Passwords changed by signed-in customers or after their expiry.",
            )?,
            schemes: definitions.gauges(
                "stakis_accounts_by_hash_scheme",
                "Accounts with a password, by the scheme of its hash; the next sign-in renews all but present.",
                &[Label::closed("scheme", words!(HashScheme))],
            )?,
        })
    }

    /// Counts a password that its owner changed.
    pub fn changed(&self) {
        self.changes.inc();
    }

    /// Stores how many accounts have a hash of a scheme.
    pub fn set_accounts_by_scheme(&self, scheme: HashScheme, accounts: i64) {
        self.schemes.set(&[scheme.as_str()], accounts);
    }
}
