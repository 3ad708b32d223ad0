//! Accounts, as machine clients administer them.

mod acts;
mod admin;
mod changes;
mod creation;
pub(crate) mod dossier;
mod erasure;
pub(crate) mod erasure_of_all;
mod export;
mod first_mails;
mod idempotency;
mod limits;
mod search;
mod show;
mod trail;
