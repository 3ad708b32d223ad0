//! The name that people give to a device.

use std::convert::Infallible;

use super::visible_line::{InvalidLine, parse_line};

/// The name of a device, such as `Pult 1` (OW-10): 1 to 40 characters, composed (NFC), without white space around it. A
/// run of white space inside is one space, since people cannot tell two names apart by it.
///
/// A name is text: `<b>` is a name too, and every place that shows it escapes it.
#[derive(Debug, Clone, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct DeviceLabel(String);

super::text_column!(DeviceLabel, |text| Ok::<_, Infallible>(DeviceLabel::of_row(text)));

impl DeviceLabel {
    /// The greatest length, in characters of the composed text.
    pub const MAX_CHARACTERS: usize = 40;

    /// Parses a name as it was typed. White space around it is cut off, as keyboards of telephones add it after a word.
    pub fn parse(text: &str) -> Result<Self, InvalidLine> {
        parse_line(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// Takes the name of a row as it is. A name from before a rule was added must not make its row unreadable.
    fn of_row(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether no mail program makes a link of the name: a thief could otherwise have the service send one.
    #[must_use]
    pub fn is_no_link(&self) -> bool {
        let has_mark = self.0.contains([':', '/', '\\', '@']);
        let mut followed = self.0.chars().zip(self.0.chars().skip(1));
        let is_dot = |character| matches!(character, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}');
        !has_mark && !followed.any(|(first, next)| is_dot(first) && next.is_alphanumeric())
    }
}

/// What is known of a device, in words: `Pult 1 (Firefox, Windows)`, or either part of it. `program` is the
/// [`super::device_name()`] of its `User-Agent`.
#[must_use]
pub fn device_words(label: Option<&DeviceLabel>, program: Option<&str>) -> Option<String> {
    match (label, program) {
        (Some(label), Some(program)) => Some(format!("{} ({program})", label.as_str())),
        (Some(label), None) => Some(label.as_str().to_owned()),
        (None, program) => program.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, InvalidLine> {
        DeviceLabel::parse(text).map(|label| label.0)
    }

    #[test]
    fn ow_10_what_people_call_their_devices_is_a_name() {
        for name in ["Pult 1", "Delavnica tablica", "<b>", "Ž", "1. nadstropje", "👨‍🔧 🖥️", "صالة", &"x".repeat(40)]
        {
            assert_eq!(parsed(name).as_deref(), Ok(name));
        }
        assert_eq!(parsed("  Pult \u{a0} 1 ").as_deref(), Ok("Pult 1"));
        assert_eq!(parsed("C\u{30c}rpalka").as_deref(), Ok("Črpalka"));
        assert_eq!(parsed(&"c\u{30c}".repeat(40)), Ok("č".repeat(40)));
    }

    #[test]
    fn ow_10_a_name_misleads_nobody() {
        for text in [
            "a\nb",
            "a\u{0}",
            "a\u{9b}",
            "Pult\u{202e}1 tluP",
            "\u{2066}x",
            "a\u{200f}",
            "a\u{61c}",
            "a\u{2028}b",
            "a\u{200b}b",
            "\u{feff}a",
            "a\u{ad}b",
            "\u{2800}",
            "\u{3164}",
            "\u{e0041}",
            "\u{e000}",
            "\u{301}a",
            "a\u{335}\u{336}\u{337}",
            "\u{200d}",
        ] {
            assert_eq!(parsed(text), Err(InvalidLine::Misleading), "{text:?}");
        }
        for text in ["", " ", "\u{a0}\u{3000}"] {
            assert_eq!(parsed(text), Err(InvalidLine::Blank), "{text:?}");
        }
        assert_eq!(parsed(&"x".repeat(41)), Err(InvalidLine::TooLong));
    }

    #[test]
    fn ow_10_a_name_that_a_mail_program_would_link_is_known() {
        for (name, is_no_link) in [
            ("Pult 1", true),
            ("1. nadstropje", true),
            ("geslo.example", false),
            ("https:", false),
            ("ana@x", false),
            ("a/b", false),
            ("geslo\u{3002}example", false),
        ] {
            assert_eq!(DeviceLabel::parse(name).unwrap().is_no_link(), is_no_link, "{name}");
        }
    }

    #[test]
    fn a_device_is_told_by_what_is_known_of_it() {
        let label = DeviceLabel::parse("Pult 1").unwrap();
        let told = |label, program| device_words(label, program).unwrap_or_default();
        assert_eq!(told(Some(&label), Some("Firefox, Windows")), "Pult 1 (Firefox, Windows)");
        assert_eq!(told(Some(&label), None), "Pult 1");
        assert_eq!(told(None, Some("Firefox, Windows")), "Firefox, Windows");
        assert_eq!(told(None, None), "");
    }
}
