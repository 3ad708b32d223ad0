//! Times in answers and requests.

use chrono::{DateTime, Datelike as _, SecondsFormat, SubsecRound as _};

use crate::types::UtcTime;

/// Formats a moment by RFC 3339 in UTC, to the millisecond.
pub(super) fn timestamp(moment: UtcTime) -> String {
    moment.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads a time by RFC 3339, within those that both databases store.
pub(super) fn read_time(text: &str) -> Option<UtcTime> {
    let time = DateTime::parse_from_rfc3339(text).ok()?.naive_utc().trunc_subsecs(6);
    let year = time.year();
    (1970..=9999).contains(&year).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ap_13_a_time_of_a_filter_is_one_of_rfc_3339() {
        let utc = read_time("2026-11-22T13:05:00Z").unwrap();
        assert_eq!(read_time("2026-11-22T14:05:00+01:00"), Some(utc));
        assert_eq!(read_time("2026-11-22T13:05:00.000000999Z"), Some(utc));
        for text in
            ["", "2026-11-22", "2026-11-22T13:05:00", "1795356300", "2026-13-22T13:05:00Z", "0001-01-01T00:00:00Z"]
        {
            assert_eq!(read_time(text), None, "{text}");
        }
    }
}
