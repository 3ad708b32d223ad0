//! Accounts, as machine clients administer them.

mod acts;
mod admin;
mod show;
