//! The parts of a running service, built once and shared by every room above. [`App::build`] puts them together:
//! `server_clock` follows the clock of the database server, [`Readiness`] remembers whether requests can be served,
//! `signing_keys` makes and loads the signing keys, and [`Links`] builds the addresses in mails and answers.
//! [`BuildError`] says why this failed.

mod build_error;
mod links;
mod parts;
mod readiness;
pub(crate) mod server_clock;
pub(crate) mod signing_keys;

pub use build_error::BuildError;
pub use links::Links;
pub use parts::{App, Parts};
pub use readiness::Readiness;
