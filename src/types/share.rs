//! A share of all that happens.

use std::fmt;

use super::random_below;

/// A share from 0 to 1, to a millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    millionths: u32,
}

const WHOLE: u32 = 1_000_000;
/// The digits of a millionth behind the point.
const DIGITS: usize = 6;

impl Share {
    /// A tenth.
    pub const TENTH: Self = Self { millionths: WHOLE / 10 };

    /// Parses a decimal number from 0 to 1 with at most six digits behind its point.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (units, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if units.len() != 1 || fraction.len() > DIGITS || !is_number(units) || !is_number(fraction) {
            return None;
        }
        let millionths = format!("{units}{fraction:0<DIGITS$}").parse().ok()?;
        (millionths <= WHOLE).then_some(Self { millionths })
    }

    /// Draws whether something belongs to the share.
    #[must_use]
    pub fn draw(self) -> bool {
        random_below(WHOLE.into()) < self.millionths.into()
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:0DIGITS$}", self.millionths / WHOLE, self.millionths % WHOLE);
        formatter.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cf_01_a_share_is_a_number_from_nothing_to_all() {
        for (text, written) in
            [("0", "0"), ("1", "1"), ("1.0", "1"), ("0.1", "0.1"), ("0.000001", "0.000001"), ("0.50", "0.5")]
        {
            assert_eq!(Share::parse(text).unwrap().to_string(), written);
        }
        for text in
            ["", ".", ".5", "1.000001", "2", "10", "-0.1", "+0", "0.0000001", "0,1", "1e-3", "NaN", "0.x", "10 %"]
        {
            assert_eq!(Share::parse(text), None, "{text}");
        }
        assert_eq!(Share::TENTH.to_string(), "0.1");
    }

    #[test]
    fn lo_10_as_many_are_drawn_as_the_share_says() {
        let drawn = |text| (0..2000).filter(|_| Share::parse(text).unwrap().draw()).count();
        assert_eq!((drawn("0"), drawn("1")), (0, 2000));
        // Chance leaves these bounds once in 10^40 runs.
        assert!((700..1300).contains(&drawn("0.5")));
    }
}
