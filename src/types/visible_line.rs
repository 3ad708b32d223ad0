//! One line of text that people read, which misleads nobody.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Why a text is no such line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLine {
    /// Nothing of it would be seen.
    #[error("the text has no visible character")]
    Blank,
    /// It has too many characters.
    #[error("the text is too long")]
    TooLong,
    /// It has characters that are not seen, that turn the direction of the text around them, or that pile up.
    #[error("the text has characters that mislead a reader")]
    Misleading,
}

/// Parses a line as it was typed: at most `most` characters, composed (NFC). White space around it is cut off, as
/// keyboards of telephones add it after a word, and a run of white space inside is one space.
pub(super) fn parse_line(text: &str, most: usize) -> Result<String, InvalidLine> {
    if text.chars().any(is_misleading) {
        return Err(InvalidLine::Misleading);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").nfc().collect();
    if line.is_empty() {
        return Err(InvalidLine::Blank);
    }
    if line.chars().count() > most {
        return Err(InvalidLine::TooLong);
    }
    if piles_marks_up(&line) {
        return Err(InvalidLine::Misleading);
    }
    Ok(line)
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

/// Whether marks begin the line, where they would change what stands before it, or pile up over other lines.
fn piles_marks_up(line: &str) -> bool {
    // Joiners and variation selectors belong to emoji; without a character before them they are blanks.
    let is_mark = |character| is_combining_mark(character) || matches!(character, '\u{200c}' | '\u{200d}');
    // As if many marks stood before the line.
    let mut in_a_row = MOST_MARKS;
    line.chars().any(|character| {
        in_a_row = if is_mark(character) { in_a_row + 1 } else { 0 };
        in_a_row > MOST_MARKS
    })
}

/// The most marks that follow one character. Emoji have two: a variation selector and a joiner.
const MOST_MARKS: usize = 2;
