//! How a command fails.

use std::process::ExitCode;

/// An error that ends a command. It is shown with its chain of causes.
pub(super) type CliError = Box<dyn std::error::Error + Send + Sync>;

/// Prints the chain of an error and returns the status of a failed process.
pub(super) fn fail(error: &CliError) -> ExitCode {
    eprint!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprint!(": {error}");
        cause = error.source();
    }
    eprintln!();
    ExitCode::FAILURE
}
