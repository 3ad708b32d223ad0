//! Dates and times in words.

use chrono::{Datelike as _, Days, NaiveDate, TimeDelta, Timelike as _, Weekday};

use super::text;
use crate::types::{Locale, UtcTime};

/// A date, such as `22. 11. 2026`.
#[must_use]
pub fn date_text(locale: Locale, date: NaiveDate) -> String {
    let arguments = [("day", date.day().into()), ("month", date.month().into()), ("year", date.year().into())];
    text(locale, "date", &arguments)
}

/// A time of day in Slovenia, with its date, such as `22. 11. 2026 ob 14.05`. Support reads such times out to
/// customers.
#[must_use]
pub fn moment_text(locale: Locale, moment: UtcTime) -> String {
    let local = moment + slovenian_offset(moment);
    let arguments = [
        ("date", date_text(locale, local.date()).into()),
        ("hour", local.hour().into()),
        // The minute is passed as text, since a number would lose its leading zero.
        ("minute", format!("{:02}", local.minute()).into()),
    ];
    text(locale, "moment", &arguments)
}

/// The offset of Central European Time. Summer time is from the last Sunday of March to the last of October, both at
/// 01:00 UTC (Directive 2000/84/EC).
fn slovenian_offset(moment: UtcTime) -> TimeDelta {
    let change = |month| {
        let sunday = last_sunday(moment.year(), month)?;
        sunday.and_hms_opt(1, 0, 0)
    };
    let is_summer = change(3).is_some_and(|start| start <= moment) && change(10).is_some_and(|end| moment < end);
    TimeDelta::hours(if is_summer { 2 } else { 1 })
}

/// The last Sunday of a month with 31 days.
fn last_sunday(year: i32, month: u32) -> Option<NaiveDate> {
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    last.checked_sub_days(Days::new(last.weekday().days_since(Weekday::Sun).into()))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(text: &str) -> UtcTime {
        DateTime::parse_from_rfc3339(text).unwrap().naive_utc()
    }

    #[test]
    fn moments_are_told_by_the_clock_on_the_wall() {
        for (utc, told) in [
            ("2026-11-22T13:05:59Z", "22. 11. 2026 ob 14.05"),
            ("2026-12-31T23:30:00Z", "1. 1. 2027 ob 0.30"),
            ("2026-03-29T00:59:59Z", "29. 3. 2026 ob 1.59"),
            ("2026-03-29T01:00:00Z", "29. 3. 2026 ob 3.00"),
            ("2026-10-25T00:59:59Z", "25. 10. 2026 ob 2.59"),
            ("2026-10-25T01:00:00Z", "25. 10. 2026 ob 2.00"),
        ] {
            assert_eq!(moment_text(Locale::Sl, at(utc)), told);
        }
        let noon = at("2026-07-01T10:00:00Z");
        assert_eq!(moment_text(Locale::De, noon), "1. Juli 2026 um 12:00 Uhr");
        assert_eq!(moment_text(Locale::En, noon), "1 July 2026 at 12:00");
        assert_eq!(moment_text(Locale::Hr, noon), "1. 7. 2026. u 12:00");
    }
}
