//! Accounts, as machine clients administer them.

mod admin;
mod show;
