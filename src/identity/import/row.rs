//! A row as the other system has written it.

use crate::identity::field_error::Field;

/// The fields of one row, none of which is checked yet. A field that is missing is `None`, and leaves in an update what
/// is there.
#[derive(Clone, Default)]
pub struct RawRow {
    /// The customer number, six digits.
    pub customer_number: Option<String>,
    /// The address on file.
    pub email: Option<String>,
    /// The language of mails.
    pub locale: Option<String>,
    /// The name under which administration knows the customer.
    pub display_name: Option<String>,
    /// The hash of the password in one of the forms of `docs/import.md`.
    pub password_hash: Option<String>,
    /// When the password was set, by RFC 3339.
    pub password_changed_at: Option<String>,
    /// Whether access is closed.
    pub closed: Option<bool>,
    /// Why access is closed.
    pub closed_reason: Option<String>,
}

/// One row of a file.
pub struct ReadRow {
    /// The line in which the row begins, from 1.
    pub line: u64,
    /// The fields, or why they cannot be read.
    pub fields: Result<RawRow, RowMistake>,
}

/// Why the fields of a row cannot be read. The words repeat nothing of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowMistake {
    /// The field, where one can be named.
    pub field: Option<Field>,
    /// The column, from 1, where one can be named.
    pub column: Option<usize>,
    /// What is wrong, in English.
    pub sentence: String,
}

/// Why nothing more can be read from a file.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {sentence}")]
pub struct SourceFailed {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong, in English.
    pub sentence: String,
}
