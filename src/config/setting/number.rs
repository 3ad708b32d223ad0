//! Whole numbers and durations.

use std::{fmt::Display, str::FromStr};

use chrono::TimeDelta;

use super::form::{Form, Objections, WriteForm, not_allowed};
use crate::config::environment::Environment;

/// A whole number within bounds.
pub(crate) struct Whole<T> {
    /// The least number that is allowed.
    pub(crate) least: T,
    /// The greatest number that is allowed.
    pub(crate) most: T,
}

impl<T: Copy + PartialOrd + FromStr + Display> Form for Whole<T> {
    type Value = T;

    fn allowed(&self) -> String {
        format!("a whole number from {} to {}", self.least, self.most)
    }

    fn parse(&self, text: &str, _: Environment) -> Result<T, Objections> {
        let number = text.parse().ok().filter(|number| (self.least..=self.most).contains(number));
        number.ok_or_else(|| not_allowed(self))
    }
}

impl<T: Copy + PartialOrd + FromStr + Display> WriteForm for Whole<T> {
    fn write(&self, value: &T) -> String {
        value.to_string()
    }
}

/// What the number of a [`Span`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Seconds,
    Milliseconds,
}

/// A duration, as a whole number of seconds or milliseconds.
pub(crate) struct Span {
    unit: Unit,
    least: i64,
    most: i64,
    least_in_production: i64,
}

impl Span {
    /// Seconds within bounds.
    pub(crate) const fn seconds(least: i64, most: i64) -> Self {
        Self { unit: Unit::Seconds, least, most, least_in_production: least }
    }

    /// Milliseconds within bounds.
    pub(crate) const fn milliseconds(least: i64, most: i64) -> Self {
        Self { unit: Unit::Milliseconds, least, most, least_in_production: least }
    }

    /// Raises the least duration in production.
    pub(crate) const fn in_production_from(self, least_in_production: i64) -> Self {
        Self { least_in_production, ..self }
    }
}

impl Form for Span {
    type Value = TimeDelta;

    fn allowed(&self) -> String {
        let Self { least, most, least_in_production, .. } = self;
        if least == least_in_production {
            format!("a whole number from {least} to {most}")
        } else {
            format!("a whole number from {least} to {most}, in production from {least_in_production}")
        }
    }

    fn parse(&self, text: &str, environment: Environment) -> Result<TimeDelta, Objections> {
        let least = if environment.is_production() { self.least_in_production } else { self.least };
        let number = text.parse().ok().filter(|number| (least..=self.most).contains(number));
        let span = number.and_then(|number| match self.unit {
            Unit::Seconds => TimeDelta::try_seconds(number),
            Unit::Milliseconds => TimeDelta::try_milliseconds(number),
        });
        span.ok_or_else(|| not_allowed(self))
    }
}

impl WriteForm for Span {
    fn write(&self, value: &TimeDelta) -> String {
        let number = match self.unit {
            Unit::Seconds => value.num_seconds(),
            Unit::Milliseconds => value.num_milliseconds(),
        };
        number.to_string()
    }

    fn remark(&self, value: &TimeDelta) -> Option<String> {
        const LARGEST_FIRST: [(i64, &str); 3] = [(86_400, "day"), (3600, "hour"), (60, "minute")];
        let seconds = value.num_seconds();
        let (length, name) = LARGEST_FIRST.into_iter().find(|(length, _)| seconds > 0 && seconds % length == 0)?;
        let count = seconds / length;
        Some(if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVELOPMENT: Environment = Environment::Development;

    #[test]
    fn a_whole_number_stays_within_its_bounds() {
        let form = Whole { least: 2_u32, most: 100 };
        assert_eq!(form.parse("2", DEVELOPMENT), Ok(2));
        assert_eq!(form.parse("100", DEVELOPMENT), Ok(100));
        for wrong in ["1", "101", "-2", "2.5", "2 ", "two", "", "4294967298"] {
            let objections = form.parse(wrong, DEVELOPMENT).unwrap_err();
            assert_eq!(objections, ["must be a whole number from 2 to 100"], "{wrong:?}");
        }
    }

    #[test]
    fn a_duration_may_have_a_narrower_bound_in_production() {
        let form = Span::seconds(0, 86_400).in_production_from(1);
        assert_eq!(form.parse("0", DEVELOPMENT), Ok(TimeDelta::zero()));
        assert_eq!(form.parse("1", Environment::Production), Ok(TimeDelta::seconds(1)));
        let objections = form.parse("0", Environment::Production).unwrap_err();
        assert_eq!(objections, ["must be a whole number from 0 to 86400, in production from 1"]);
        for wrong in ["-1", "86401", "9223372036854775808"] {
            assert!(form.parse(wrong, DEVELOPMENT).is_err(), "{wrong:?}");
        }
        assert_eq!(Span::milliseconds(0, 60_000).parse("1500", DEVELOPMENT), Ok(TimeDelta::milliseconds(1500)));
    }

    #[test]
    fn a_long_duration_is_also_told_in_words() {
        let form = Span::seconds(0, i64::MAX);
        let remark = |seconds| form.remark(&TimeDelta::seconds(seconds));
        assert_eq!(remark(2_592_000).as_deref(), Some("30 days"));
        assert_eq!(remark(5400).as_deref(), Some("90 minutes"));
        assert_eq!(remark(3600).as_deref(), Some("1 hour"));
        assert_eq!(remark(90), None);
        assert_eq!(remark(0), None);
    }
}
