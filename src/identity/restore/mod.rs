//! What has happened since a backup, after it was restored: the database cannot know it, but other systems were told of it,
//! and auditors have read it (DP-07). [`Record`] is what a file tells of one event, [`find_lost`] passes over what the
//! database knows and refuses what cannot be of its history, [`Changes`] sums the rest up by account, [`assess()`] says what has
//! to be done about each, and [`repeat()`] does it.

mod assess;
mod changes;
mod lost;
mod record;
mod repeat;

pub use assess::{Assessment, ChangeKind, Verdict, assess};
pub use changes::{AccountChanges, Changes};
pub use lost::{Lost, LostError, find_lost};
pub use record::{Happening, Mistake, Place, Record};
pub use repeat::repeat;
