//! What runs, and since when.

use super::{
    definition::{Definitions, Label},
    known::Known,
};
use crate::types::UtcTime;

pub(super) fn define(
    definitions: &Definitions<'_>,
    known: &Known,
    started_at: UtcTime,
) -> Result<(), prometheus::Error> {
    // Dashboards know this name, so it has no prefix.
    let help = "When this process began, in seconds since 1970.";
    definitions.gauge("process_start_time_seconds", help)?.set(started_at.and_utc().timestamp());
    let labels = [Label::closed("version", [known.version]), Label::closed("database", [known.database])];
    let help = "Always 1; the labels tell the version of this program and the kind of its database.";
    definitions.gauges("stakis_build_info", help, &labels)?.set(&[known.version, known.database], 1);
    Ok(())
}
