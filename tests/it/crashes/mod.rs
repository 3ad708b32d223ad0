//! The process ends at any statement of any use case that writes. What is left holds together, and the caller who
//! repeats the call on a process that was started afterwards gets a sensible answer.
//!
//! `stage` plays a use case once for each point, `invariants` says what holds afterwards, and `planted` breaks each
//! invariant by hand. The other files are the use cases.

mod administration;
mod clients;
mod invariants;
mod own_account;
mod planted;
mod reset;
mod rewind;
mod sessions;
mod stage;
mod upkeep;
mod webhooks;
