//! Accounts, as administration sees them: [`create()`], [`find()`], [`close()`], [`reopen`], [`unlock()`], and [`change_email()`]
//! for the address on file.

pub(super) mod change_email;
pub(super) mod close;
pub(super) mod create;
pub(super) mod find;
pub(super) mod unlock;

pub use change_email::change_email;
pub use close::{close, reopen};
pub use create::{AccountToCreate, create};
pub use find::find;
pub use unlock::unlock;
