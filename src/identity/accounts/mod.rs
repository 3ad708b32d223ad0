//! Accounts, as administration sees them: create, find, close, reopen, unlock, and change the address on file.

pub(super) mod change_email;
pub(super) mod manage;
pub(super) mod unlock;

pub use change_email::change_email;
pub use manage::{AccountToCreate, close, create, find, reopen};
pub use unlock::unlock;
