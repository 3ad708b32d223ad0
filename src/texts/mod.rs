//! What the service says to people, in four languages, one Fluent file each (projectfluent.org): [`text`] finds a sentence
//! by its key, [`date_text`] and [`moment_text`] say a day and a moment.

mod dates;
mod parameter;
mod sentences;

pub use dates::{date_text, moment_text};
pub use parameter::{Parameter, sentence};
pub use sentences::{Argument, SUPPORT_EMAIL, SUPPORT_PHONE, text};
