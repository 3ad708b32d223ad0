//! Outgoing mails, the delivery events of the mail APIs, and the addresses that get no mail.

mod bounces;
mod capitals;
mod delivery;
mod events;
mod fallback;
mod given_up;
mod late_events;
mod letters;
mod mailbox;
mod other_settings;
mod providers;
mod suppression;
