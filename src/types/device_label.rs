//! The name that people give to a device.

use std::convert::Infallible;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The name of a device, such as `Pult 1` (OW-10): 1 to 40 characters, composed (NFC), without white space around it. A
/// run of white space inside is one space, since people cannot tell two names apart by it.
///
/// A name is text: `<b>` is a name too, and every place that shows it escapes it.
#[derive(Debug, Clone, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct DeviceLabel(String);

/// Why a text is no name of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDeviceLabel {
    /// Nothing of it would be seen.
    #[error("the name has no visible character")]
    Blank,
    /// It has more than [`DeviceLabel::MAX_CHARACTERS`].
    #[error("the name has more than 40 characters")]
    TooLong,
    /// It has characters that are not seen, that turn the direction of the text around them, or that pile up.
    #[error("the name has characters that mislead a reader")]
    Misleading,
}

super::text_column!(DeviceLabel, |text| Ok::<_, Infallible>(DeviceLabel::of_row(text)));

impl DeviceLabel {
    /// The greatest length, in characters of the composed text.
    pub const MAX_CHARACTERS: usize = 40;

    /// Parses a name as it was typed. White space around it is cut off, as keyboards of telephones add it after a word.
    pub fn parse(text: &str) -> Result<Self, InvalidDeviceLabel> {
        if text.chars().any(is_misleading) {
            return Err(InvalidDeviceLabel::Misleading);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let name: String = words.join(" ").nfc().collect();
        if name.is_empty() {
            return Err(InvalidDeviceLabel::Blank);
        }
        if name.chars().count() > Self::MAX_CHARACTERS {
            return Err(InvalidDeviceLabel::TooLong);
        }
        if piles_marks_up(&name) {
            return Err(InvalidDeviceLabel::Misleading);
        }
        Ok(Self(name))
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

/// Whether the character is a control character, turns the direction of the text, ends a line, or is never seen.
fn is_misleading(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Soft hyphen, and marks that are not seen.
            '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            // Marks, embeddings, overrides and isolates of the direction (Unicode UAX #9).
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // The ends of a line and of a paragraph.
            | '\u{2028}' | '\u{2029}'
            // Letters that look like blanks.
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            // Characters without a meaning of their own: private ones, annotations, tags.
            | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{10ffff}'
        )
}

/// Whether marks begin the name, where they would change what stands before it, or pile up over other lines.
fn piles_marks_up(name: &str) -> bool {
    // Joiners and variation selectors belong to emoji; without a character before them they are blanks.
    let is_mark = |character| is_combining_mark(character) || matches!(character, '\u{200c}' | '\u{200d}');
    // As if many marks stood before the name.
    let mut in_a_row = MOST_MARKS;
    name.chars().any(|character| {
        in_a_row = if is_mark(character) { in_a_row + 1 } else { 0 };
        in_a_row > MOST_MARKS
    })
}

/// The most marks that follow one character. Emoji have two: a variation selector and a joiner.
const MOST_MARKS: usize = 2;

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

    fn parsed(text: &str) -> Result<String, InvalidDeviceLabel> {
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
            assert_eq!(parsed(text), Err(InvalidDeviceLabel::Misleading), "{text:?}");
        }
        for text in ["", " ", "\u{a0}\u{3000}"] {
            assert_eq!(parsed(text), Err(InvalidDeviceLabel::Blank), "{text:?}");
        }
        assert_eq!(parsed(&"x".repeat(41)), Err(InvalidDeviceLabel::TooLong));
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
