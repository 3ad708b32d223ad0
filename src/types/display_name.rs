//! The name under which administration knows a customer.

use std::convert::Infallible;

use super::visible_line::{InvalidLine, parse_line};

/// The name of a customer, such as `Avtoservis Novak`: 1 to 100 characters in one line, without characters that mislead a
/// reader. It is text: every place that shows it escapes it.
#[derive(Debug, Clone, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct DisplayName(String);

super::text_column!(DisplayName, |text| Ok::<_, Infallible>(DisplayName(text.to_owned())));

impl DisplayName {
    /// The greatest length, in characters of the composed text.
    pub const MAX_CHARACTERS: usize = 100;

    /// Parses a name as another system holds it. White space around it is cut off, and a run inside is one space.
    pub fn parse(text: &str) -> Result<Self, InvalidLine> {
        parse_line(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ap_12_a_display_name_is_one_line_of_at_most_100_characters() {
        for name in ["Avtoservis Novak", "Č", "Müller & Söhne, Kfz <Werkstatt>", &"x".repeat(100)] {
            assert_eq!(DisplayName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(DisplayName::parse(" Servis\u{a0} Novak ").unwrap().as_str(), "Servis Novak");
        for (text, error) in [
            ("", InvalidLine::Blank),
            (" ", InvalidLine::Blank),
            (&"x".repeat(101), InvalidLine::TooLong),
            ("a\nb", InvalidLine::Misleading),
            ("a\u{202e}b", InvalidLine::Misleading),
        ] {
            assert_eq!(DisplayName::parse(text), Err(error), "{text:?}");
        }
    }
}
