//! The image of the brand.

use std::sync::Arc;

/// A page with its scripts stays below 60 KiB, the logo included.
const LARGEST: usize = 16 * 1024;
/// The first bytes of a PNG file (ISO/IEC 15948, 5.2).
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// An image in SVG or PNG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// The media type.
    pub content_type: &'static str,
    /// The content of the file.
    pub content: Arc<[u8]>,
}

/// Why a file cannot be the logo. The text completes a sentence that begins with the name of the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// The file is too large.
    #[error("must be a file of at most {} KiB: it is loaded with every page", LARGEST / 1024)]
    TooLarge,
    /// The content is neither SVG nor PNG.
    #[error("must be a file in SVG (UTF-8) or PNG")]
    UnknownFormat,
}

impl Logo {
    /// Recognizes the format by the content.
    pub fn read(content: &[u8]) -> Result<Self, LogoError> {
        if content.len() > LARGEST {
            return Err(LogoError::TooLarge);
        }
        let content_type = if content.starts_with(PNG) {
            "image/png"
        } else if is_svg(content) {
            "image/svg+xml"
        } else {
            return Err(LogoError::UnknownFormat);
        };
        Ok(Self { content_type, content: content.into() })
    }
}

/// Whether the first element of a text is `svg`. A declaration, comments and a document type may stand before it.
fn is_svg(content: &[u8]) -> bool {
    let Ok(mut rest) = str::from_utf8(content) else { return false };
    while let Some((_, tag)) = rest.split_once('<') {
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if tag.starts_with(['?', '!']) {
            rest = tag;
        } else {
            return tag.strip_prefix("svg").is_some_and(|after| after.starts_with([' ', '>', '\t', '\r', '\n']));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_recognized_by_its_content() {
        let svg = r#"<svg xmlns="http://www.w3.org/2000/svg"/>"#;
        for text in
            [svg.to_owned(), format!("\u{feff}<?xml version=\"1.0\"?>\n<!-- <html> -->\n<!DOCTYPE svg>\n{svg}")]
        {
            assert_eq!(Logo::read(text.as_bytes()).unwrap().content_type, "image/svg+xml");
        }
        assert_eq!(Logo::read(&[PNG, b"IHDR"].concat()).unwrap().content_type, "image/png");
        for content in ["", "svg", "<html><svg></svg></html>", "<svgs>", "GIF89a", "<!-- <svg>"] {
            assert_eq!(Logo::read(content.as_bytes()), Err(LogoError::UnknownFormat), "{content}");
        }
        let large = format!("{svg}{}", " ".repeat(LARGEST));
        assert_eq!(Logo::read(large.as_bytes()), Err(LogoError::TooLarge));
    }
}
