//! How a command fails.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

/// An error that ends a command. It is shown with its chain of causes.
pub(super) type CliError = Box<dyn std::error::Error + Send + Sync>;

/// Prints the chain of an error and returns the status of a failed process.
pub(super) fn fail(error: &CliError) -> ExitCode {
    // Where standard error is closed too, the status alone tells.
    drop(writeln!(io::stderr(), "error: {}", chain(error)));
    ExitCode::FAILURE
}

/// An error with its chain of causes.
pub(super) fn chain(error: &CliError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
