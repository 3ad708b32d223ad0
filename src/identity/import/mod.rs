//! Bringing customers in from another system. `check` reads a [`RawRow`] into a row that may be imported, or says all
//! that is wrong with it; `age` decides how old its password counts. `write` makes accounts of rows, and `update`
//! brings what a nightly feed says to accounts that exist; `feed_address` remembers which address it named.
//! [`import_file`] does so with the rows of a file of any length, in `batches`, and [`import_call`] with those of one
//! call.
//!
//! An import never sets a password on an account that exists, and never opens access again (AD-05).

mod age;
mod batches;
mod call;
mod check;
mod feed_address;
mod file;
mod options;
mod report;
mod row;
mod update;
mod write;

pub use call::{CallOptions, CallReport, ImportStatus, ImportedRow, MOST_ROWS, import_call};
pub use file::{FileSource, ImportFailed, import_file};
pub use options::{ImportOptions, OnRejection, WhatToDo};
pub use report::{ImportReport, Rejection, Watcher};
pub use row::{RawRow, ReadRow, RowMistake, SourceFailed};
