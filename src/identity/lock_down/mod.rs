//! Locking the access down: one act ends everything that a thief may hold, and only the mailbox on file leads back in
//! (OW-06). The owner locks down from a session ([`by_owner()`]), or with the link of a notice ([`by_link()`], OW-07),
//! and an administrator for the owner ([`by_administrator()`]). `effect` is what all of them do. [`contested()`]
//! repeats one that left the decision to support, after a restore.

mod administrator;
mod contested;
mod effect;
mod link;
mod owner;

pub use administrator::by_administrator;
pub use contested::contested;
pub use link::by_link;
pub use owner::by_owner;
