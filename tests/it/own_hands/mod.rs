//! What owners do with their own hands: the address on file, and locking the access down.

mod bad_input;
mod email_change;
mod email_limits;
mod email_state;
mod findings;
mod links;
mod lock_down;
mod owner;
mod takeover;
