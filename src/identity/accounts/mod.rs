//! Accounts, as administration sees them: [`create()`], [`find()`], [`close()`], [`reopen`] and [`unlock()`].

pub(super) mod close;
pub(super) mod create;
pub(super) mod find;
pub(super) mod unlock;

pub use close::{close, close_if, reopen};
pub use create::{AccountToCreate, create};
pub use find::{FoundAccount, find, find_by_id};
pub use unlock::unlock;
