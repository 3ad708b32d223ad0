//! The time of the targets, so that the kept inputs never expire.

use chrono::DateTime;
use stakis_identity::types::UtcTime;

/// 2026-11-22 12:00 UTC, in seconds since 1970.
pub(super) const NOON: u64 = 1_795_348_800;

/// The same moment.
pub(super) fn noon() -> UtcTime {
    DateTime::from_timestamp(NOON.cast_signed(), 0).unwrap().naive_utc()
}
