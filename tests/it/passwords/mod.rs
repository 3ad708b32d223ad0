//! New passwords: the policy, the change, the expiry, and passwords that have leaked.

mod breached;
mod change;
mod expiry;
mod guesses;
mod policy;
