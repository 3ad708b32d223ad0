//! Accounts, as machine clients administer them: `account_creation` makes one, `account_import` up
//! to ten thousand, `account_search` finds, `accounts` shows
//! and erases, and `account_changes` changes it. `account_body` is the account in every answer, with its version, and
//! `if_match` the condition on it. `account_export` hands out all that is held about a customer, and `audit_events` is the
//! trail. `acts` close, reopen and expire; `support_acts` are what support does for a customer.

mod account_body;
pub(super) mod account_changes;
pub(super) mod account_creation;
pub(super) mod account_export;
pub(super) mod account_import;
pub(super) mod account_search;
pub(super) mod accounts;
pub(super) mod acts;
pub(super) mod audit_events;
mod if_match;
pub(super) mod support_acts;
