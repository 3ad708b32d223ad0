//! The password profiles of the product (PW-01).

use crate::types::text_enum;

text_enum! {
    /// The password profiles: sets of rules for length, composition, age and history.
    pub enum PasswordProfile {
        /// The rules of the customer guide.
        Stakis = "stakis",
        /// Longer passwords without rules of composition and age.
        Standard = "standard",
        /// The rules of NIST SP 800-63B-4 for passwords as the only factor.
        Nist = "nist",
    }
}

/// The rules in which the profiles differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProfileRules {
    /// The fewest code points of a password.
    pub min_length: usize,
    /// Passwords shorter than this need upper case, lower case and a digit.
    pub composition_below: Option<usize>,
    /// The age in days at which a password expires.
    pub max_age_days: Option<u32>,
    /// The number of earlier passwords that may not be set again.
    pub history: usize,
}

impl PasswordProfile {
    /// The rules of the profile, which single settings may override.
    #[must_use]
    pub const fn rules(self) -> ProfileRules {
        match self {
            Self::Stakis => {
                ProfileRules { min_length: 6, composition_below: Some(15), max_age_days: Some(180), history: 3 }
            }
            Self::Standard => {
                ProfileRules { min_length: 8, composition_below: None, max_age_days: None, history: 0 }
            }
            Self::Nist => ProfileRules { min_length: 15, composition_below: None, max_age_days: None, history: 0 },
        }
    }

    /// A row of the table of profiles, in Markdown.
    pub(super) fn row(self) -> String {
        let ProfileRules { min_length, composition_below, max_age_days, history } = self.rules();
        let composition = composition_below.map_or("–".to_owned(), |below| {
            format!("upper case, lower case and digit, below {below} characters")
        });
        let age = max_age_days.map_or("never".to_owned(), |days| format!("after {days} days"));
        format!("| `{self}` | {min_length} | {composition} | {age} | {history} |\n")
    }
}
