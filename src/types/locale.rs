//! The languages of the service.

use super::text_enum;

text_enum! {
    /// A language of the service, as its subtag (BCP 47).
    pub enum Locale {
        /// Slovenian, the language where no other is asked for.
        Sl = "sl",
        /// German, as it is written in Germany.
        De = "de",
        /// English, in its British spelling.
        En = "en",
        /// Croatian, in its Latin script.
        Hr = "hr",
    }
}

/// The language where no other is asked for.
const DEFAULT: Locale = Locale::Sl;

impl Default for Locale {
    fn default() -> Self {
        DEFAULT
    }
}

impl Locale {
    /// The name of the language in that language.
    #[must_use]
    pub const fn native_name(self) -> &'static str {
        match self {
            Self::Sl => "Slovenščina",
            Self::De => "Deutsch",
            Self::En => "English",
            Self::Hr => "Hrvatski",
        }
    }
}
