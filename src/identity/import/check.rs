//! Reading a row that may be imported, or all that is wrong with it.

use chrono::DateTime;

use super::row::RawRow;
use crate::{
    crypto::{HashRefused, StoredHash, Work, parse_foreign_hash},
    identity::field_error::{Field, FieldError},
    types::{CustomerNumber, DisplayName, EmailAddress, HashScheme, Locale, Reason, UtcTime},
};

/// A row that may be imported.
pub(super) struct CheckedRow {
    pub(super) number: CustomerNumber,
    pub(super) email: Option<EmailAddress>,
    pub(super) locale: Option<Locale>,
    pub(super) display_name: Option<DisplayName>,
    pub(super) password: Option<ForeignPassword>,
    pub(super) password_changed_at: Option<UtcTime>,
    pub(super) is_closed: bool,
    pub(super) closed_reason: Option<Reason>,
}

/// The hash of another system.
pub(super) struct ForeignPassword {
    pub(super) hash: String,
    pub(super) scheme: HashScheme,
    pub(super) is_fast: bool,
}

/// One thing wrong with a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowError {
    pub(super) error: FieldError,
    /// Why the hash is refused, in more detail.
    hash: Option<HashRefused>,
}

impl RowError {
    /// What is wrong, for an administrator.
    pub(super) fn sentence(&self) -> String {
        match self.hash {
            Some(refused) => refused.to_string(),
            None => self.error.sentence(Locale::En),
        }
    }
}

impl From<FieldError> for RowError {
    fn from(error: FieldError) -> Self {
        Self { error, hash: None }
    }
}

/// Collects what is wrong with the fields of one row.
#[derive(Default)]
struct Errors(Vec<RowError>);

impl Errors {
    fn take<T, E: Into<RowError>>(&mut self, checked: Result<T, E>) -> Option<T> {
        checked.map_err(|error| self.0.push(error.into())).ok()
    }
}

/// Checks every field of a row. `present` is the work of a hash of this service.
pub(super) fn check(row: RawRow, present: &Work, now: UtcTime) -> Result<CheckedRow, Vec<RowError>> {
    let mut errors = Errors::default();
    let number = errors.take(FieldError::check_customer_number(row.customer_number.as_deref()));
    let email = row.email.and_then(|text| errors.take(FieldError::check_email(Some(&text))));
    let locale = row.locale.and_then(|text| errors.take(FieldError::check_locale(&text)));
    let display_name = row.display_name.and_then(|text| errors.take(FieldError::check_display_name(&text)));
    let has_hash = row.password_hash.is_some();
    let password = row.password_hash.and_then(|text| errors.take(check_hash(text, present)));
    let password_changed_at =
        row.password_changed_at.and_then(|text| errors.take(check_time(&text, has_hash, now)));
    let is_closed = row.closed.unwrap_or(false);
    if row.closed_reason.is_some() && !is_closed {
        errors.0.push(FieldError::reason_without_closing().into());
    }
    let closed_reason = row.closed_reason.and_then(|text| errors.take(FieldError::check_closed_reason(&text)));
    match number {
        Some(number) if errors.0.is_empty() => Ok(CheckedRow {
            number,
            email,
            locale,
            display_name,
            password,
            password_changed_at,
            is_closed,
            closed_reason,
        }),
        _ => Err(errors.0),
    }
}

/// Checks the form and the cost of a hash. Whether it is the hash of a password that the policy accepts, nobody can
/// tell.
fn check_hash(hash: String, present: &Work) -> Result<ForeignPassword, RowError> {
    let refused = |refused| RowError { error: FieldError::hash_refused(refused), hash: Some(refused) };
    let digest = parse_foreign_hash(&hash).map_err(refused)?;
    let is_present = digest.work == *present;
    let scheme = if is_present { HashScheme::Present } else { digest.work.scheme() };
    // What is stored has to be readable again.
    StoredHash::read(&hash).map_err(refused)?;
    Ok(ForeignPassword { hash, scheme, is_fast: !is_present && digest.is_to_wrap() })
}

/// Reads the time at which a password was set. Without a password there is none.
fn check_time(text: &str, has_hash: bool, now: UtcTime) -> Result<UtcTime, FieldError> {
    let invalid = FieldError::invalid_format(Field::PasswordChangedAt);
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| invalid)?.naive_utc();
    if time > now || !has_hash { Err(invalid) } else { Ok(time) }
}
