//! The forms of files.

use clap::ValueEnum;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Columns between commas, semicolons or tabs, with a header
    Csv,
    /// A JSON object on each line
    Ndjson,
}
