//! What happened to an access, for its owner (OW-08). [`list()`] reads a page: the account's entries of the audit trail, and
//! the hourly sums of failed sign-ins at its number. `event` says which entries the owner sees, `cursor` where the next
//! page begins (a [`Cursor`]), and `words` tells an [`Activity`] to people.

mod cursor;
mod event;
mod list;
mod words;

pub use cursor::Cursor;
pub use event::ActivityEvent;
pub use list::{Activity, ActivityPage, PageRequest, list};
