//! A customer's account: what the customer can read, and the notices that the owner gets of changes by others.

mod activity;
mod made_again;
mod notices;
mod own_account;
