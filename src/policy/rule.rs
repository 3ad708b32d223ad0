//! The rules for a new password, one by one.

use super::common_passwords::is_common;
use crate::{
    texts::{Parameter, sentence},
    types::{CustomerNumber, EmailAddress, FieldCode, Locale, Password},
};

/// The names of the brand and its relatives, which attackers try first.
const BRANDS: [&str; 3] = ["stakis", "stahlgruber", "topmotive"];
/// The customer guide prints this password as an example, so it is the best known of all.
const PUBLISHED_EXAMPLE: &str = "And42rej";
/// How many other characters a password needs beside a context word (PW-05).
const FEWEST_OTHER_CHARACTERS: usize = 4;
/// The shortest local part and the shortest brand that are checked. Shorter ones, such as `ana`, occur in too many words.
const SHORTEST_WORD: usize = 4;

/// A password to be set, with its context.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// The new password.
    pub password: &'a Password,
    /// The customer number that was sent with it.
    pub customer_number: Option<&'a CustomerNumber>,
    /// The address on file; `None` until the number is known to be the right one. Otherwise the answer would tell of
    /// another customer's account (CH-11).
    pub email: Option<&'a EmailAddress>,
    /// The name of the service, as the settings give it.
    pub brand: &'a str,
    /// What was looked up about the password.
    pub looked_up: LookedUp,
}

/// What is known of a password from the range API and from stored hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LookedUp {
    /// The range API knows the password.
    pub is_breached: bool,
    /// The password is the present one of the account.
    pub is_current: bool,
    /// The account had the password before.
    pub is_recent: bool,
}

/// A requirement on a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The password has at least this many code points.
    MinLength(usize),
    /// The password has at most this many code points.
    MaxLength(usize),
    /// The password has no control character, which could not be typed again with certainty.
    NoControlCharacters,
    /// A password shorter than this has a capital letter.
    Uppercase(usize),
    /// A password shorter than this has a small letter.
    Lowercase(usize),
    /// A password shorter than this has a digit 0–9.
    Digit(usize),
    /// The password is not one of the most common.
    NotCommon,
    /// The password is more than the customer number with a few characters.
    NotCustomerNumber,
    /// The password is more than the mail address, or its local part, with a few characters.
    NotEmail,
    /// The password is more than the name of the brand or the service with a few characters.
    NotBrand,
    /// The password is not the example of the customer guide, nor a variant of it in case or leet.
    NotPublishedExample,
    /// The password is not known to have leaked.
    NotBreached,
    /// The password is not the present one.
    NotCurrent,
    /// The password is not one of this many before the present one.
    NotRecent(usize),
}

impl Rule {
    /// The code of the field error, and of the rule in `GET /v1/password-policy`.
    #[must_use]
    pub const fn code(self) -> FieldCode {
        match self {
            Self::MinLength(_) => FieldCode::TooShort,
            Self::MaxLength(_) => FieldCode::TooLong,
            Self::NoControlCharacters => FieldCode::InvalidFormat,
            Self::Uppercase(_) => FieldCode::MissingUppercase,
            Self::Lowercase(_) => FieldCode::MissingLowercase,
            Self::Digit(_) => FieldCode::MissingDigit,
            Self::NotCommon => FieldCode::CommonPassword,
            Self::NotCustomerNumber => FieldCode::ContainsCustomerNumber,
            Self::NotEmail => FieldCode::ContainsEmail,
            Self::NotBrand => FieldCode::ContainsBrand,
            Self::NotPublishedExample => FieldCode::PublishedExample,
            Self::NotBreached => FieldCode::BreachedPassword,
            Self::NotCurrent => FieldCode::SameAsCurrent,
            Self::NotRecent(_) => FieldCode::UsedRecently,
        }
    }

    /// The key of the sentence that states the rule, and that a refusal shows.
    #[must_use]
    pub const fn text_key(self) -> &'static str {
        match self {
            Self::MinLength(_) => "rule-too_short",
            Self::MaxLength(_) => "rule-too_long",
            Self::NoControlCharacters => "rule-invalid_format",
            Self::Uppercase(_) => "rule-missing_uppercase",
            Self::Lowercase(_) => "rule-missing_lowercase",
            Self::Digit(_) => "rule-missing_digit",
            Self::NotCommon => "rule-common_password",
            Self::NotCustomerNumber => "rule-contains_customer_number",
            Self::NotEmail => "rule-contains_email",
            Self::NotBrand => "rule-contains_brand",
            Self::NotPublishedExample => "rule-published_example",
            Self::NotBreached => "rule-breached_password",
            Self::NotCurrent => "rule-same_as_current",
            Self::NotRecent(_) => "rule-used_recently",
        }
    }

    /// The number that the rule is about, if it is about one.
    #[must_use]
    pub const fn parameter(self) -> Option<Parameter> {
        match self {
            Self::MinLength(value) => Some(Parameter { name: "min_length", value }),
            Self::MaxLength(value) => Some(Parameter { name: "max_length", value }),
            Self::Uppercase(value) | Self::Lowercase(value) | Self::Digit(value) => {
                Some(Parameter { name: "below_length", value })
            }
            Self::NotRecent(value) => Some(Parameter { name: "history", value }),
            _ => None,
        }
    }

    /// The sentence for people.
    #[must_use]
    pub fn sentence(self, locale: Locale) -> String {
        sentence(locale, self.text_key(), self.parameter())
    }

    /// Whether a refusal by this rule tells something about the account, rather than about what was typed.
    #[must_use]
    pub const fn speaks_of_account(self) -> bool {
        matches!(self, Self::NotEmail | Self::NotCurrent | Self::NotRecent(_))
    }

    /// Whether the candidate keeps the rule.
    #[must_use]
    pub fn is_kept_by(self, candidate: Candidate<'_>) -> bool {
        let password = candidate.password;
        let text = password.expose();
        let length = password.character_count();
        let folded = || text.to_lowercase();
        match self {
            Self::MinLength(least) => length >= least,
            Self::MaxLength(most) => length <= most,
            Self::NoControlCharacters => !text.chars().any(char::is_control),
            Self::Uppercase(below) => length >= below || text.chars().any(char::is_uppercase),
            Self::Lowercase(below) => length >= below || text.chars().any(char::is_lowercase),
            Self::Digit(below) => length >= below || text.chars().any(|character| character.is_ascii_digit()),
            Self::NotCommon => !is_common(&folded()),
            Self::NotCustomerNumber => keeps_off(&folded(), &number_words(candidate), candidate),
            Self::NotEmail => keeps_off(&folded(), &email_words(candidate), candidate),
            Self::NotBrand => keeps_off(&folded(), &brand_words(candidate), candidate),
            Self::NotPublishedExample => without_leet(text) != without_leet(PUBLISHED_EXAMPLE),
            Self::NotBreached => !candidate.looked_up.is_breached,
            Self::NotCurrent => !candidate.looked_up.is_current,
            Self::NotRecent(_) => !candidate.looked_up.is_recent,
        }
    }
}

fn number_words(candidate: Candidate<'_>) -> Vec<String> {
    candidate.customer_number.map(|number| number.as_str().to_owned()).into_iter().collect()
}

/// The whole address and its local part, the longer one first.
fn email_words(candidate: Candidate<'_>) -> Vec<String> {
    let Some(email) = candidate.email else { return Vec::new() };
    let local_part = email.local_part().to_lowercase();
    let long_enough = local_part.chars().count() >= SHORTEST_WORD;
    let local_part = long_enough.then_some(local_part);
    [Some(email.as_str().to_lowercase()), local_part].into_iter().flatten().collect()
}

/// The names that everybody connects with the service, and the one that the settings give it.
fn brand_words(candidate: Candidate<'_>) -> Vec<String> {
    let brand = candidate.brand.to_lowercase();
    let own = (brand.chars().count() >= SHORTEST_WORD).then_some(brand);
    own.into_iter().chain(BRANDS.map(str::to_owned)).collect()
}

/// Whether the password contains no word of the list, or enough characters besides. All context words are cut out
/// together: the brand followed by the customer number is as easy to guess as either alone.
fn keeps_off(folded: &str, words: &[String], candidate: Candidate<'_>) -> bool {
    if !words.iter().any(|word| folded.contains(word.as_str())) {
        return true;
    }
    let mut rest = folded.to_owned();
    for word in email_words(candidate).into_iter().chain(number_words(candidate)).chain(brand_words(candidate)) {
        rest = rest.replace(&word, "");
    }
    rest.chars().count() >= FEWEST_OTHER_CHARACTERS
}

fn without_leet(text: &str) -> String {
    let plain = |character| match character {
        '4' | '@' => 'a',
        '2' => 'z',
        '3' | '€' => 'e',
        other => other,
    };
    text.to_lowercase().chars().map(plain).collect()
}
