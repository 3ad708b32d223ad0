//! A customer's account: what the customer reads of it, and what its owner is told when somebody else changes it.

mod notices;
mod own_account;
