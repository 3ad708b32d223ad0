//! The sentences for people in four languages. Each language has a Fluent file (projectfluent.org).

mod dates;
mod parameter;
mod sentences;

pub use dates::{date_text, moment_text};
pub use parameter::{Parameter, sentence};
pub use sentences::{Argument, SUPPORT_EMAIL, SUPPORT_PHONE, text};
