//! Limits on what strangers may do, in the order in which a request meets them. `source_limits` counts requests by
//! source, and refuses from memory where it can. `gate` joins these limits with the proof of work that is asked for
//! while many numbers are tried (`prove_work`); [`issue_challenge`] hands out what is to be solved. `throttle` counts
//! password attempts by number and device, with the waits of `failure_limit`; `failures` reads and forgets these
//! counts. `mail_budget` bounds the mails that are asked for, and `link_number` the customer numbers that are tried with a
//! link. `new_password` counts what refused new passwords cost, and `hash_caller` says whose hash is computed first.
//! [`count_forged_events`] limits what claims to come from a mail API. [`share_pressure()`] tells the other instances how
//! many numbers are tried. `client_limits` bounds what one machine client does.

pub(super) mod client_limits;
pub(super) mod failure_limit;
pub(super) mod failures;
mod forged_events;
pub(super) mod gate;
pub(super) mod hash_caller;
pub(super) mod link_number;
pub(super) mod mail_budget;
pub(super) mod new_password;
mod prove_work;
mod share_pressure;
pub(super) mod source_limits;
pub(super) mod throttle;

pub use forged_events::{admit_events, count_forged_events};
pub use link_number::LinkForm;
pub use prove_work::issue_challenge;
pub use share_pressure::share_pressure;
