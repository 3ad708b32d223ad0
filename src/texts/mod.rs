//! The texts for people in four languages, from one Fluent file for each (projectfluent.org). [`text`] finds a sentence
//! by its key, [`brand_text`] one that names the brand or its support. [`date_text`] and [`moment_text`] put a date and a
//! time into words.

mod dates;
mod parameter;
mod sentences;

pub use dates::{date_text, moment_text};
pub use parameter::{Parameter, sentence};
pub use sentences::{Argument, brand_text, text};
