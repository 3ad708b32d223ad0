//! The mail API and the letters handed to it.
//!
//! Adding a provider: one file with `request` and `classify`, one arm in [`Mailer::hand_over`].

mod letter;
mod mailer;
mod mailpit;
mod resend;
mod topic;

pub use letter::Letter;
pub use mailer::{HandOver, Mailer, OutgoingMail};
pub use topic::{Lifetime, Topic};
