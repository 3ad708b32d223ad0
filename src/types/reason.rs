//! Why an administrator acts.

use super::visible_line::{InvalidLine, parse_line};

/// The reason of an act, for the audit trail: 1 to 200 characters in one line, without characters that mislead a reader.
/// The customer never sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The greatest length, in characters of the composed text.
    pub const MAX_CHARACTERS: usize = 200;

    /// Parses a reason as it was typed. White space around it is cut off, and a run inside is one space.
    pub fn parse(text: &str) -> Result<Self, InvalidLine> {
        parse_line(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// The reason as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ad_04_a_reason_is_one_line_of_at_most_200_characters() {
        assert_eq!(Reason::parse(" klical je  lastnik ").unwrap().as_str(), "klical je lastnik");
        assert_eq!(Reason::parse(&"x".repeat(200)).unwrap().as_str().len(), 200);
        for (text, error) in [
            ("", InvalidLine::Blank),
            (&"x".repeat(201), InvalidLine::TooLong),
            ("a\u{0}", InvalidLine::Misleading),
            ("a\r\nb", InvalidLine::Misleading),
        ] {
            assert_eq!(Reason::parse(text), Err(error), "{text:?}");
        }
    }
}
