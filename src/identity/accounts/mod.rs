//! Accounts, as administration sees them: [`create()`], [`find()`], [`search()`], [`update()`], [`close()`], [`reopen`],
//! [`unlock()`], [`export()`] and [`erase()`]. `erased_number` remembers which numbers were erased lately.

pub(super) mod close;
pub(super) mod create;
pub(super) mod erase;
pub(super) mod erased_number;
pub(super) mod export;
pub(super) mod find;
pub(super) mod search;
pub(super) mod unlock;
pub(super) mod update;

pub use close::{close, close_if, reopen};
pub use create::{AccountToCreate, FirstMail, create, create_once};
pub use erase::erase;
pub use export::{AccountExport, export};
pub use find::{FoundAccount, find, find_by_id, read};
pub use search::{SearchedBy, search};
pub use unlock::unlock;
pub use update::{AccountChanges, NewName, update};
