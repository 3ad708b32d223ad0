//! The parts of a running service, built once and shared by everything above.

mod build_error;
mod links;
mod parts;
pub(crate) mod server_clock;
pub(crate) mod signing_keys;

pub use build_error::BuildError;
pub use links::Links;
pub use parts::{App, Parts};
