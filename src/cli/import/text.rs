//! The encoding of a file, and texts of it that are shown.

use clap::ValueEnum;
use encoding_rs::WINDOWS_1250;

/// The encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Encoding {
    /// UTF-8, with or without a byte order mark
    #[value(name = "utf-8")]
    Utf8,
    /// What Windows uses for Slovenian and Croatian
    #[value(name = "windows-1250")]
    Windows1250,
}

impl Encoding {
    /// Reads a text; `None` where its bytes are none of this encoding. Both encodings have separators, quotation marks
    /// and line ends as single bytes, so a row may be taken apart before.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Windows1250 => {
                // The encoding standard gives the five bytes without a letter to control characters.
                let (text, is_wrong) = WINDOWS_1250.decode_without_bom_handling(bytes);
                let is_text = !is_wrong && !text.chars().any(|letter| ('\u{80}'..='\u{9f}').contains(&letter));
                is_text.then(|| text.into_owned())
            }
        }
    }

    /// What to say of bytes that are not in this encoding.
    pub(super) const fn complaint(self) -> &'static str {
        match self {
            Self::Utf8 => "the text is no UTF-8; is it --encoding windows-1250?",
            Self::Windows1250 => "the text has bytes that Windows-1250 does not have",
        }
    }
}

/// The most characters of a name that are shown.
const SHOWN: usize = 40;

/// A name out of a file as a report shows it: on one line, short, and no formula for a program that opens the report as
/// a sheet.
pub(super) fn shown(name: &str) -> String {
    let mut text: String =
        name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(SHOWN).collect();
    if text.starts_with(['=', '+', '-', '@', ' ']) {
        text.insert(0, '\'');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_report_is_no_formula_and_has_one_line() {
        assert_eq!(shown("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        for begin in ["+1", "-1", "@a", "\t=1", "\r=1"] {
            assert!(shown(begin).starts_with('\''), "{begin:?}");
        }
        assert_eq!(shown("a\nb"), "a b");
        assert_eq!(shown(&"x".repeat(1000)).len(), SHOWN);
    }

    #[test]
    fn both_encodings_read_what_is_theirs() {
        assert_eq!(Encoding::Windows1250.decode(b"\xe8\xb9\x9e").unwrap(), "čąž");
        assert_eq!(Encoding::Windows1250.decode(b"a\x81"), None);
        assert_eq!(Encoding::Utf8.decode("čšž".as_bytes()).unwrap(), "čšž");
        assert_eq!(Encoding::Utf8.decode(b"\xe8"), None);
    }
}
