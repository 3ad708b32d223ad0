//! Mails from the outbox to the mail API. [`send()`] hands one over in three steps. `prepare` decides whether the
//! mail still makes sense and through which mail API it goes. `compose` writes the letter, and the call runs with no
//! transaction open. `record_outcome` stores the result. [`record_delivery()`] records what the mail API reports
//! later, [`give_up()`] ends a mail whose job fails for good, and [`lift_suppression()`] ends the pause of an address. `address_cooldown` keeps two reset mails to one
//! address apart, and `attempt` has what all steps need. Where the notice of a changed address comes back, `unread_notice` lets
//! the new one cool off longer. `mailbox_providers` counts what becomes of mails at each provider.

pub(super) mod address_cooldown;
pub(super) mod attempt;
pub(super) mod compose;
mod give_up;
pub(super) mod lift_suppression;
mod mailbox_providers;
pub(super) mod prepare;
pub(super) mod record_delivery;
pub(super) mod record_outcome;
pub(super) mod send;
mod unread_notice;

pub use give_up::give_up;
pub use lift_suppression::lift_suppression;
pub use mailbox_providers::know_mailbox_providers;
pub use record_delivery::record_delivery;
pub use send::send;
