//! Times in answers.

use chrono::SecondsFormat;

use crate::types::UtcTime;

/// Formats a moment by RFC 3339 in UTC, to the millisecond.
pub(super) fn timestamp(moment: UtcTime) -> String {
    moment.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true)
}
