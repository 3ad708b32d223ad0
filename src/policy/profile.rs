//! The profiles, each a set of rules that apply together.

use super::rule::{Candidate, Rule};
use crate::{
    config::{PasswordConfig, PasswordProfile},
    types::Password,
};

/// NIST SP 800-63B-4 §3.1.1.2: at least 15 characters where the password is the only factor.
const NIST_MIN_LENGTH: usize = PasswordProfile::Nist.rules().min_length;

/// The rules for a new password, the same wherever one is set (CH-02).
#[derive(Debug, Clone)]
pub struct PasswordPolicy {
    profile: PasswordProfile,
    max_age_days: Option<u32>,
    history: usize,
    rules: Vec<Rule>,
}

impl PasswordPolicy {
    /// Takes the rules of the profile and applies the settings that differ from it.
    #[must_use]
    pub fn new(config: &PasswordConfig) -> Self {
        let profile = config.profile.rules();
        let history = config.history.unwrap_or(profile.history);
        let mut rules = vec![
            Rule::MinLength(config.min_length.unwrap_or(profile.min_length)),
            Rule::MaxLength(Password::MAX_CHARACTERS),
            Rule::NoControlCharacters,
        ];
        // Long passwords need no mixture of characters (PW-04).
        if let Some(below) = profile.composition_below {
            rules.extend([Rule::Uppercase(below), Rule::Lowercase(below), Rule::Digit(below)]);
        }
        rules.extend([
            Rule::NotCommon,
            Rule::NotCustomerNumber,
            Rule::NotEmail,
            Rule::NotBrand,
            Rule::NotPublishedExample,
        ]);
        if config.breach_api_url.is_some() {
            rules.push(Rule::NotBreached);
        }
        rules.push(Rule::NotCurrent);
        if history > 0 {
            rules.push(Rule::NotRecent(history));
        }
        let max_age_days = config.max_age_days.map_or(profile.max_age_days, |days| (days > 0).then_some(days));
        Self { profile: config.profile, max_age_days, history, rules }
    }

    /// Every rule that the candidate breaks, in the order of the list (PW-06).
    #[must_use]
    pub fn broken_rules(&self, candidate: Candidate<'_>) -> Vec<Rule> {
        self.rules.iter().copied().filter(|rule| !rule.is_kept_by(candidate)).collect()
    }

    /// Every rule of the policy, in its order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The profile that the rules come from.
    #[must_use]
    pub fn profile(&self) -> PasswordProfile {
        self.profile
    }

    /// The greatest age of a password in days; `None` where passwords do not expire.
    #[must_use]
    pub fn max_age_days(&self) -> Option<u32> {
        self.max_age_days
    }

    /// How many passwords before the present one cannot be used again (CH-11).
    #[must_use]
    pub fn history(&self) -> usize {
        self.history
    }

    /// The least length in code points.
    #[must_use]
    pub fn min_length(&self) -> usize {
        self.rules
            .iter()
            .find_map(|rule| if let Rule::MinLength(length) = rule { Some(*length) } else { None })
            .unwrap_or(NIST_MIN_LENGTH)
    }

    /// Whether the policy asks for less than NIST SP 800-63B-4 does (PW-01).
    #[must_use]
    pub fn is_below_nist(&self) -> bool {
        self.min_length() < NIST_MIN_LENGTH
    }

    /// The value of the HTML attribute `passwordrules`, from which password managers make passwords that pass (WHATWG
    /// HTML issue 3518; the syntax of Apple's "Password Rules").
    #[must_use]
    pub fn password_rules_attribute(&self) -> String {
        let mut text = format!("minlength: {}; maxlength: {};", self.min_length(), Password::MAX_CHARACTERS);
        for rule in &self.rules {
            text.push_str(match rule {
                Rule::Uppercase(_) => " required: upper;",
                Rule::Lowercase(_) => " required: lower;",
                Rule::Digit(_) => " required: digit;",
                _ => continue,
            });
        }
        text.push_str(" allowed: ascii-printable;");
        text
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
