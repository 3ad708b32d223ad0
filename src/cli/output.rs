//! Standard output, which may be a closed pipe or a full device.

use std::{
    fmt::Display,
    io::{self, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

use super::CliError;

/// Whether a line of the demo could not be written.
static IS_LOST: AtomicBool = AtomicBool::new(false);

/// Writes a line, for a command whose output is its result.
pub(super) fn line(text: impl Display) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    output.flush()
}

/// Writes a line that only tells what happens. The work goes on where it cannot be written.
pub(super) fn tell(text: impl Display) {
    if line(text).is_err() {
        IS_LOST.store(true, Ordering::Relaxed);
    }
}

/// Whether nobody reads what is told.
pub(super) fn is_lost() -> bool {
    IS_LOST.load(Ordering::Relaxed)
}

/// Whether a command failed because its reader has closed the pipe, as `head` does. That is no failure of the command.
pub(super) fn is_closed_pipe(error: &CliError) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
