//! Development or production.

use crate::types::text_enum;

text_enum! {
    /// Decides between convenience and the refusal of everything unsafe.
    pub enum Environment {
        /// Embedded mailbox, generated secret key, logs for people.
        Development = "development",
        /// Starts with safe settings only (CF-01); logs for machines.
        Production = "production",
    }
}

impl Environment {
    /// Whether unsafe settings are refused.
    #[must_use]
    pub fn is_production(self) -> bool {
        self == Self::Production
    }
}
