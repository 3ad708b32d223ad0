//! Accounts, as machine clients administer them: `accounts` makes, finds, shows, changes and erases them. `account_body`
//! is the account in every answer, with its version, and `if_match` the condition on it. `acts` close, reopen and expire;
//! `support_acts` are what support does for a customer.

mod account_body;
pub(super) mod accounts;
pub(super) mod acts;
mod if_match;
pub(super) mod support_acts;
