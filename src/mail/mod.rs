//! The mail APIs, the letters handed to them, and what they tell of those afterwards.
//!
//! Adding a mail API: a file in `providers` and one in `events`, a name in [`MailProviderKind`], one arm each in their
//! `mod.rs`.
//!
//! [`MailProviderKind`]: crate::config::MailProviderKind

mod breaker;
mod events;
mod hand_over;
mod letter;
mod mailer;
mod provider;
mod providers;
mod topic;

pub use breaker::History;
pub use events::{DeliveryEvent, EventRefusal, Incoming, read_events};
pub use hand_over::HandOver;
pub use letter::Letter;
pub use mailer::{Mailer, Route};
pub use provider::OutgoingMail;
pub use topic::{Lifetime, Topic};
