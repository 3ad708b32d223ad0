//! Decoys: a customer number that leads to nobody goes through the same queries as one that leads to a customer.
//! Neither the time of an answer nor the load of the database tells the two apart (RQ-02).

use crate::types::AccountId;

/// The id that a decoy looks up in place of an account's. No account has it, and the query costs the same.
pub(in crate::identity) fn nobody() -> AccountId {
    AccountId::from_text(String::new())
}
