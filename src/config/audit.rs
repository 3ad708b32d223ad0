//! The settings of the audit trail.

use chrono::TimeDelta;

use super::setting::{Group, Reader, Secrecy, Setting, Value, Whole};

pub(super) const GROUP: Group =
    Group { title: "The audit trail", introduction: String::new, settings: &[&KEEP_DAYS] };

/// The shortest time for which entries are kept. Owners read half a year of what happened to their access.
const LEAST_DAYS: u32 = 180;

const KEEP_DAYS: Setting<Whole<u32>, Value<u32>> = Setting {
    name: "STAKIS_AUDIT_KEEP_DAYS",
    secrecy: Secrecy::Open,
    form: Whole { least: 0, most: 36_500 },
    unset: Value(0),
    sentence: "Days after which entries of the audit trail are deleted, in whole sealed batches whose heads stay: at least \
               180; 0: never.",
};

/// How long entries of the audit trail are kept; `None` where they are never deleted.
pub(super) fn audit_keep(reader: &mut Reader) -> Option<TimeDelta> {
    let days = KEEP_DAYS.read(reader);
    if days > 0 && days < LEAST_DAYS {
        KEEP_DAYS.object(
            reader,
            ["must be 0 or at least 180: owners read half a year of what happened to their access"],
        );
    }
    (days > 0).then(|| TimeDelta::days(days.into()))
}
