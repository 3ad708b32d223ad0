//! The address on file, which all mails go to. Its owner changes it in two steps: [`ask()`] with the current password
//! makes a pending change and mails both addresses, and [`confirm()`] through the link in the new mailbox makes it the
//! address on file, unless [`withdraw()`] through the old mailbox came first. `pending` says how long a change waits, and `known_device` from
//! where it may be made.
//! [`confirm_present()`] says that the address still holds. Administrators [`set`](fn@set) an address, and
//! [`decide()`] after a contested change. `replace` is what every change of the address has in common.

pub(super) mod ask;
pub(super) mod confirm;
pub(super) mod confirm_present;
pub(super) mod decide;
mod known_device;
pub(super) mod pending;
mod replace;
pub(super) mod set;
pub(super) mod withdraw;

pub use ask::{EmailChangeForm, ask};
pub use confirm::confirm;
pub use confirm_present::confirm_present;
pub use decide::decide;
pub use set::set;
pub use withdraw::withdraw;
