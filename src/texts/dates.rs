//! Dates and times in words. Their forms come from the Unicode data (CLDR), and the hour from the time zone database.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, TimeDelta, Timelike as _};
use icu_calendar::Gregorian;
use icu_datetime::{
    DateTimeFormatterPreferences, FixedCalendarDateTimeFormatter, NoCalendarFormatter,
    fieldsets::{T, YMD},
    input::{Date, Time},
    options::YearStyle,
};
use icu_locale_core::locale;
use jiff::{Timestamp, tz::TimeZone};

use super::text;
use crate::types::{Locale, UtcTime};

/// The time zone of the customers and of support.
static SLOVENIA: TimeZone = jiff::tz::get!("Europe/Ljubljana");

/// The date in Slovenia, such as `22. 11. 2026`.
#[must_use]
pub fn date_text(locale: Locale, moment: UtcTime) -> String {
    let date = in_slovenia(moment).date();
    // Every date of the service has its form in the data. A test makes one in each language.
    written_date(locale, date).unwrap_or_else(|| date.to_string())
}

/// The time of day in Slovenia, with its date, such as `22. 11. 2026 ob 14:05`. Support reads such times out to
/// customers.
#[must_use]
pub fn moment_text(locale: Locale, moment: UtcTime) -> String {
    let local = in_slovenia(moment);
    let time = written_time(locale, local).unwrap_or_else(|| local.format("%H:%M").to_string());
    text(locale, "moment", &[("date", date_text(locale, moment).into()), ("time", time.into())])
}

fn in_slovenia(moment: UtcTime) -> NaiveDateTime {
    let offset =
        Timestamp::from_second(moment.and_utc().timestamp()).map(|time| SLOVENIA.to_offset(time).seconds());
    moment + TimeDelta::seconds(offset.unwrap_or(0).into())
}

/// The short form with the whole year in Slovenian and Croatian, which write the months as numbers, and the long form in
/// German and English.
fn written_date(locale: Locale, date: NaiveDate) -> Option<String> {
    let form = match locale {
        Locale::Sl | Locale::Hr => YMD::short().with_year_style(YearStyle::Full),
        Locale::De | Locale::En => YMD::long(),
    };
    let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
    let date = Date::try_new_gregorian(date.year(), month, day).ok()?;
    let formatter = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(preferences(locale), form).ok()?;
    Some(formatter.format(&date).to_string())
}

fn written_time(locale: Locale, moment: NaiveDateTime) -> Option<String> {
    let (hour, minute) = (u8::try_from(moment.hour()).ok()?, u8::try_from(moment.minute()).ok()?);
    let time = Time::try_new(hour, minute, 0, 0).ok()?;
    let formatter = NoCalendarFormatter::try_new(preferences(locale), T::hm()).ok()?;
    Some(formatter.format(&time).to_string())
}

/// The texts are in British English.
fn preferences(locale: Locale) -> DateTimeFormatterPreferences {
    let locale = match locale {
        Locale::Sl => locale!("sl"),
        Locale::De => locale!("de"),
        Locale::En => locale!("en-GB"),
        Locale::Hr => locale!("hr"),
    };
    (&locale).into()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(text: &str) -> UtcTime {
        DateTime::parse_from_rfc3339(text).unwrap().naive_utc()
    }

    #[test]
    fn a_moment_is_told_by_the_clock_on_the_wall() {
        for (utc, told) in [
            ("2026-11-22T13:05:59Z", "22. 11. 2026 ob 14:05"),
            ("2026-12-31T23:30:00Z", "1. 01. 2027 ob 00:30"),
            ("2026-03-29T00:59:59Z", "29. 03. 2026 ob 01:59"),
            ("2026-03-29T01:00:00Z", "29. 03. 2026 ob 03:00"),
            ("2026-10-25T00:59:59Z", "25. 10. 2026 ob 02:59"),
            ("2026-10-25T01:00:00Z", "25. 10. 2026 ob 02:00"),
        ] {
            assert_eq!(moment_text(Locale::Sl, at(utc)), told);
        }
    }

    #[test]
    fn each_language_has_its_own_form() {
        let moment = at("2026-11-22T13:05:00Z");
        for (locale, date, told) in [
            (Locale::Sl, "22. 11. 2026", "22. 11. 2026 ob 14:05"),
            (Locale::Hr, "22. 11. 2026.", "22. 11. 2026. u 14:05"),
            (Locale::De, "22. November 2026", "22. November 2026, 14:05 Uhr"),
            (Locale::En, "22 November 2026", "22 November 2026 at 14:05"),
        ] {
            assert_eq!(date_text(locale, moment), date);
            assert_eq!(moment_text(locale, moment), told);
        }
    }

    #[test]
    fn every_day_of_a_year_has_a_form_in_every_language() {
        let first = at("2028-01-01T12:00:00Z");
        for &locale in Locale::ALL {
            for day in 0..366 {
                let date = (first + TimeDelta::days(day)).date();
                let written = written_date(locale, date).unwrap();
                assert!(written.contains("2028") && written != date.to_string(), "{locale}: {written}");
            }
        }
    }
}
