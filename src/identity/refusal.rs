//! What the domain may refuse.

use chrono::TimeDelta;

use crate::{
    crypto::{Challenge, HashError, change_token::ChangeToken},
    policy::{Parameter, Rule, sentence},
    store::{StoreError, accounts::ExpiredBecause},
    types::{CustomerNumber, Fault, Locale, Password, Scope},
};

/// A field that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `token`
    Token,
    /// `customer_number`
    CustomerNumber,
    /// `email`
    Email,
    /// `password`, at sign-in
    Password,
    /// `refresh_token`
    RefreshToken,
    /// `current_password`
    CurrentPassword,
    /// `new_password`
    NewPassword,
    /// `new_password_confirmation`
    NewPasswordConfirmation,
}

impl Field {
    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::CustomerNumber => "customer_number",
            Self::Email => "email",
            Self::Password => "password",
            Self::RefreshToken => "refresh_token",
            Self::CurrentPassword => "current_password",
            Self::NewPassword => "new_password",
            Self::NewPasswordConfirmation => "new_password_confirmation",
        }
    }
}

/// One thing wrong with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldError {
    /// Which field.
    pub field: Field,
    /// The code that programs read.
    pub code: &'static str,
    /// The sentence that people read.
    pub text_key: &'static str,
    /// The number the sentence is about.
    pub parameter: Option<Parameter>,
}

impl FieldError {
    /// The sentence for people.
    #[must_use]
    pub fn sentence(&self, locale: Locale) -> String {
        sentence(locale, self.text_key, self.parameter)
    }

    /// The field is missing.
    #[must_use]
    pub const fn required(field: Field) -> Self {
        Self { field, code: "required", text_key: "field-required", parameter: None }
    }

    /// Not of the form that the field has.
    #[must_use]
    pub const fn invalid_format(field: Field) -> Self {
        let text_key = match field {
            Field::Email => "field-invalid_email",
            _ => "field-invalid_format",
        };
        Self { field, code: "invalid_format", text_key, parameter: None }
    }

    /// The number of a field that has to be there.
    pub fn check_customer_number(text: Option<&str>) -> Result<CustomerNumber, Self> {
        let text = text.ok_or(Self::required(Field::CustomerNumber))?;
        CustomerNumber::parse(text).map_err(|_| Self::invalid_format(Field::CustomerNumber))
    }

    /// A customer number, but not the link's.
    #[must_use]
    pub const fn customer_number_mismatch() -> Self {
        Self {
            field: Field::CustomerNumber,
            code: "customer_number_mismatch",
            text_key: "field-customer_number_mismatch",
            parameter: None,
        }
    }

    /// The repetition is not the password.
    #[must_use]
    pub const fn passwords_differ() -> Self {
        Self {
            field: Field::NewPasswordConfirmation,
            code: "passwords_differ",
            text_key: "field-passwords_differ",
            parameter: None,
        }
    }

    /// What is wrong with the repetition of a new password.
    #[must_use]
    pub fn of_confirmation(password: Option<&Password>, confirmation: Option<&Password>) -> Option<Self> {
        match (password, confirmation) {
            (_, None) => Some(Self::required(Field::NewPasswordConfirmation)),
            (Some(password), Some(confirmation)) if password != confirmation => Some(Self::passwords_differ()),
            _ => None,
        }
    }

    /// Not the password of the account.
    #[must_use]
    pub const fn incorrect_password() -> Self {
        Self {
            field: Field::CurrentPassword,
            code: "incorrect_password",
            text_key: "field-incorrect_password",
            parameter: None,
        }
    }

    /// A password to be checked, if it has a length that passwords have. Only that counts here: what was a
    /// good password once must go on serving (CH-10).
    pub fn check_present_password(password: Option<Password>, field: Field) -> Result<Password, Self> {
        let password = password.ok_or(Self::required(field))?;
        match password.character_count() {
            0 => Err(Self::password_length(field, "too_short")),
            length if length > Password::MAX_CHARACTERS => Err(Self::password_length(field, "too_long")),
            _ => Ok(password),
        }
    }

    /// No password can have this length; `code` is `too_short` or `too_long`.
    #[must_use]
    const fn password_length(field: Field, code: &'static str) -> Self {
        Self { field, code, text_key: "field-password_length", parameter: None }
    }

    /// The new password breaks a rule.
    #[must_use]
    pub const fn broken_rule(rule: Rule) -> Self {
        Self {
            field: Field::NewPassword,
            code: rule.code(),
            text_key: rule.text_key(),
            parameter: rule.parameter(),
        }
    }
}

/// Why a link cannot be used. Told only of what once was a link (TK-07).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkReason {
    /// Its time is over.
    Expired,
    /// It set a password.
    Used,
    /// It was withdrawn.
    Withdrawn,
    /// It never was a link.
    Unknown,
}

impl LinkReason {
    /// The `reason` in the problem.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Used => "used",
            Self::Withdrawn => "withdrawn",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a password must be changed, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordExpiry {
    /// It has reached its greatest age: with this token.
    Age(ChangeToken),
    /// By a reset mail, which is on its way (LG-11).
    Forced(ExpiredBecause),
}

impl PasswordExpiry {
    /// The `reason` in the problem.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Age(_) => "expired",
            Self::Forced(because) => because.as_str(),
        }
    }
}

/// What the domain refuses, and the caller may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Fields are missing or wrong: all of them.
    Invalid(Vec<FieldError>),
    /// The reset link cannot be used.
    LinkUnusable(LinkReason),
    /// Wrong password, unknown number, no password set: one and the same (LG-01).
    InvalidCredentials,
    /// Right password, access closed.
    AccountClosed,
    /// Right password, but it must be changed.
    PasswordExpired(PasswordExpiry),
    /// Too many failures, or too much from one source; how long to wait.
    TooManyAttempts(TimeDelta),
    /// Not without a proof of work: this one, or another.
    ChallengeRequired(Challenge),
    /// No session of the customer's has this id.
    NoSuchSession,
    /// No session stands behind the token any more.
    InvalidToken,
    /// The token is good, but not for this.
    InsufficientScope(Scope),
    /// The customer number has an account.
    CustomerNumberTaken,
}

impl Refusal {
    /// Whether a token that was presented never was any.
    pub(super) const fn is_of_unknown_token(&self) -> bool {
        matches!(self, Self::LinkUnusable(LinkReason::Unknown) | Self::InvalidToken)
    }
}

/// How a use case can end without success.
#[derive(Debug)]
pub enum IdentityError {
    /// The caller's matter.
    Refused(Refusal),
    /// Our matter.
    Fault(Fault),
}

impl From<Refusal> for IdentityError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for IdentityError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A refusal that reaches background work is a fault: no caller is there to be told.
impl From<IdentityError> for Fault {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Fault(fault) => fault,
            IdentityError::Refused(refusal) => {
                Self::internal("doing what nobody asked for in a request", format!("refused: {refusal:?}"))
            }
        }
    }
}

impl From<StoreError> for IdentityError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<HashError> for IdentityError {
    fn from(error: HashError) -> Self {
        Self::Fault(error.into())
    }
}
