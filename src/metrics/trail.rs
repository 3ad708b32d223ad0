//! The seal of the audit trail.

use super::definition::Definitions;

/// How old the seal of the audit trail is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrailReading {
    /// The age in seconds of the entry that has waited longest for its seal, 0 where none waits.
    pub unsealed_seconds: i64,
    /// The age of the head in seconds; `None` before the first one.
    pub head_seconds: Option<i64>,
}

impl TrailReading {
    pub(super) fn read(self, definitions: &Definitions<'_>) -> Result<(), prometheus::Error> {
        let help = "The age of the audit trail's entry that has waited longest for its seal; 0 where none waits.";
        definitions.gauge("stakis_audit_unsealed_age_seconds", help)?.set(self.unsealed_seconds);
        // A trail without a head has nothing to be old.
        let help = "The age of the last sealed head of the audit trail; 0 before the first one.";
        definitions.gauge("stakis_audit_head_age_seconds", help)?.set(self.head_seconds.unwrap_or(0));
        Ok(())
    }
}
