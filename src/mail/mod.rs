//! Mail: what a letter says, which mail API it goes through, and what became of it.
//!
//! Out: [`Letter`] writes a [`Topic`] into an [`OutgoingMail`]; `content.rs` says what it tells, and
//! `parts.rs` gives that the form of the text part and of the HTML part. [`Mailer`] knows the mail APIs of the settings and
//! chooses a [`Route`]: the first one, or the second while the first does not work (`breaker.rs`). The route's
//! client (`client.rs`) makes one call and classifies the answer as a [`HandOver`].
//!
//! In: a mail API reports deliveries and bounces to a webhook. [`read_events()`] checks that a call is authentic and
//! reads the [`DeliveryEvent`]s in it; `delivery/` holds what providers share there.
//!
//! Everything that differs between providers stands in one folder each (`resend/`, `postmark/`, …): `send.rs` builds
//! the request and classifies its answer, `events.rs` authenticates and reads webhook calls, and
//! `credentials.rs` shows whether the key is right. A new provider is such a
//! folder, one row in `registry.rs`, and a name in [`MailProviderKind`].
//!
//! [`MailProviderKind`]: crate::config::MailProviderKind

mod answer;
mod api_account;
mod breaker;
mod brevo;
mod check_credentials;
mod client;
mod content;
mod credentials;
mod delivery;
mod hand_over;
mod letter;
mod mail_api;
mod mailbox_watch;
mod mailer;
mod mailpit;
mod outgoing;
mod parts;
mod postmark;
mod read_events;
mod registry;
mod resend;
mod sendgrid;
mod spans;
#[cfg(test)]
mod testing;
mod topic;

pub use breaker::History;
pub(crate) use check_credentials::check_credentials;
pub(crate) use credentials::Credentials;
pub use delivery::DeliveryEvent;
pub(crate) use delivery::{EventProof, HeadProof, cause_of_code};
#[doc(hidden)]
pub use delivery::{EventRefusal, Incoming};
pub use hand_over::HandOver;
pub(crate) use letter::Letter;
pub use mailbox_watch::{Acceptance, MailboxWatch};
pub use mailer::{Mailer, Route, RouteClaim};
pub use outgoing::OutgoingMail;
#[doc(hidden)]
pub use read_events::read_events;
pub(crate) use read_events::{check_head, event_proof};
pub(crate) use topic::{Lifetime, LinkPurpose, NotMe, Topic};
