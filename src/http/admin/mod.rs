//! Accounts, as machine clients administer them: `accounts` makes, finds, shows, changes and erases them. `account_body`
//! is the account in every answer, with its version.

mod account_body;
pub(super) mod accounts;
