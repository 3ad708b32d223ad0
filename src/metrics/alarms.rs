//! What an operator has to look at.

use super::{
    definition::{Counters, Definitions, Label, words},
    labels::Alarm,
};

/// The alarms that were raised.
#[derive(Clone)]
pub struct AlarmMetrics {
    raised: Counters,
}

impl AlarmMetrics {
    pub(super) fn define(definitions: &Definitions<'_>) -> Result<Self, prometheus::Error> {
        let labels = [Label::closed("alarm", words!(Alarm))];
        Ok(Self { raised: definitions.counters("stakis_alarms_total", "Alarms raised.", &labels)? })
    }

    /// Counts an alarm.
    pub fn raise(&self, alarm: Alarm) {
        self.raised.count(&[alarm.as_str()]);
    }
}
