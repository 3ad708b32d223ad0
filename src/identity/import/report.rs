//! What has come out of an import, or would.

use std::collections::BTreeMap;

use super::row::RowMistake;
use crate::{
    identity::field_error::Field,
    types::{FieldCode, HashScheme},
};

/// A row that is rejected, or one thing wrong with it. It repeats nothing of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The line in which the row begins, from 1.
    pub line: u64,
    /// The field, where one can be named.
    pub field: Option<Field>,
    /// The column, from 1, where the reader has told it.
    pub column: Option<usize>,
    /// The code, where the field could be read.
    pub code: Option<FieldCode>,
    /// What is wrong, in English.
    pub sentence: String,
}

impl Rejection {
    pub(super) fn of_mistake(line: u64, mistake: RowMistake) -> Self {
        let RowMistake { field, column, sentence } = mistake;
        Self { line, field, column, code: None, sentence }
    }
}

/// Is told what happens while a file is imported.
pub trait Watcher: Send {
    /// A row is rejected.
    fn rejected(&mut self, rejection: &Rejection);
    /// The number of a row has an account already, or in an update has none.
    fn passed_over(&mut self, line: u64, why: &'static str);
    /// An address can be right in form, and no mail can arrive there.
    fn unlikely_address(&mut self, line: u64);
    /// What an update changes, or would.
    fn changed(&mut self, line: u64, what: &str);
    /// The number of rows that are dealt with.
    fn progress(&mut self, report: &ImportReport);
}

/// The numbers of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// The rows that were read.
    pub rows: u64,
    /// Of these, the rows that an earlier run of the same command had committed.
    pub resumed: u64,
    /// The accounts that were made, or would be.
    pub created: u64,
    /// The accounts that were changed, or would be.
    pub changed: u64,
    /// The accounts that an update found as the row says.
    pub unchanged: u64,
    /// The rows whose number has an account already.
    pub existing: u64,
    /// The rows of an update whose number has no account.
    pub missing: u64,
    /// The rows that are rejected.
    pub rejected: u64,
    /// Of these, the rows whose number an earlier row of the file has.
    pub duplicates: u64,
    /// The addresses to which no mail can go.
    pub unlikely_addresses: u64,
    /// The rows by the scheme of their hash.
    pub schemes: BTreeMap<HashScheme, u64>,
    /// The rows without a hash.
    pub without_hash: u64,
    /// Whether the rows were kept out, since some are rejected.
    pub kept_out: bool,
}
