//! How a command fails.

use std::process::ExitCode;

/// Any error that ends a command: shown as one chain of sentences.
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
