//! The four languages.

use std::fmt;

/// A language this service speaks; Slovenian unless something else is asked for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Default,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub enum Locale {
    /// Slovenian.
    #[default]
    Sl,
    /// German.
    De,
    /// English.
    En,
    /// Croatian.
    Hr,
}

/// The text names none of the four languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a locale is one of sl, de, en, hr")]
pub struct UnknownLocale;

super::text_column!(Locale);

impl Locale {
    /// All four, Slovenian first.
    pub const ALL: [Self; 4] = [Self::Sl, Self::De, Self::En, Self::Hr];

    /// The language subtag (BCP 47).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sl => "sl",
            Self::De => "de",
            Self::En => "en",
            Self::Hr => "hr",
        }
    }

    /// What its speakers call it.
    #[must_use]
    pub const fn native_name(self) -> &'static str {
        match self {
            Self::Sl => "Slovenščina",
            Self::De => "Deutsch",
            Self::En => "English",
            Self::Hr => "Hrvatski",
        }
    }

    /// Takes exactly one of the four subtags.
    pub fn parse(text: &str) -> Result<Self, UnknownLocale> {
        Self::ALL.into_iter().find(|locale| locale.as_str() == text).ok_or(UnknownLocale)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
