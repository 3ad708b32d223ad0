//! A limit of how often something is allowed within a period.

use std::fmt;

use chrono::TimeDelta;

use super::{
    environment::Environment,
    setting::{Form, Objections, WriteForm, not_allowed},
};

/// Allows a number at once, and the same number again within each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The number that is allowed, at least one.
    pub count: i32,
    /// The period within which the number is allowed again.
    pub period: TimeDelta,
}

const MOST: i32 = 1_000_000;
/// The longest period, since no counter of a limit is kept for longer than a year.
const LONGEST_SECONDS: i64 = 366 * 86_400;
/// The units of a period, the largest first.
const UNITS: [(&str, i64); 4] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

impl Limit {
    /// Reads `COUNT/PERIOD`, such as `30/1h`. A period without a unit counts seconds.
    fn parse(text: &str) -> Option<Self> {
        let (count, period) = text.split_once('/')?;
        let count = count.parse().ok().filter(|count| (1..=MOST).contains(count))?;
        let unit = UNITS.into_iter().find_map(|(unit, seconds)| Some((period.strip_suffix(unit)?, seconds)));
        let (number, unit) = unit.unwrap_or((period, 1));
        let seconds = i64::from(number.parse::<u32>().ok()?) * unit;
        (1..=LONGEST_SECONDS).contains(&seconds).then_some(Self { count, period: TimeDelta::seconds(seconds) })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.period.num_seconds();
        let (unit, length) = UNITS.into_iter().find(|(_, length)| seconds % length == 0).unwrap_or(("s", 1));
        write!(formatter, "{}/{}{unit}", self.count, seconds / length)
    }
}

/// A limit, or `off`, which is `None`.
pub(super) struct Rate;

impl Form for Rate {
    type Value = Option<Limit>;

    fn allowed(&self) -> String {
        "COUNT/PERIOD, such as 30/1h, or off".to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<Option<Limit>, Objections> {
        if text == "off" {
            return Ok(None);
        }
        Limit::parse(text).map(Some).ok_or_else(|| not_allowed(self))
    }
}

impl WriteForm for Rate {
    fn write(&self, value: &Option<Limit>) -> String {
        value.map_or_else(|| "off".to_owned(), |limit| limit.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_count_and_a_period() {
        let seconds = |text: &str| Limit::parse(text).map(|limit| (limit.count, limit.period.num_seconds()));
        assert_eq!(seconds("30/1h"), Some((30, 3600)));
        assert_eq!(seconds("1/90"), Some((1, 90)));
        assert_eq!(seconds("1000000/366d"), Some((1_000_000, LONGEST_SECONDS)));
        for wrong in [
            "",
            "30",
            "30/",
            "/1h",
            "0/1h",
            "-1/1h",
            "1000001/1h",
            "30/0h",
            "30/367d",
            "30/1w",
            "30/1hm",
            "30/1H",
            "30/1 h",
            "30/-1h",
            "30/4294967296s",
        ] {
            assert_eq!(Limit::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_limit_is_written_as_it_is_read() {
        for text in ["60/1h", "30/10m", "6/1d", "60/1m", "7/90s", "7/36h"] {
            assert_eq!(Limit::parse(text).unwrap().to_string(), text);
        }
    }
}
