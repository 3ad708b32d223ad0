//! Accounts, as machine clients administer them.

mod acts;
mod admin;
mod changes;
mod creation;
mod dossier;
mod erasure;
mod erasure_of_all;
mod export;
mod idempotency;
mod limits;
mod search;
mod show;
mod trail;
