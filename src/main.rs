//! The one binary; `cli` has its commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    stakis_identity::cli::main()
}
