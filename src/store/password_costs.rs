//! What the stored hashes of passwords cost, counted over all accounts.

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction},
    schema::accounts,
};

/// The number of accounts whose hashes cost the same.
pub struct CostRow {
    /// What a wrong password goes on costing, whatever the stored hash costs.
    pub lasting_cost: Option<String>,
    /// What the stored hash costs.
    pub password_cost: String,
    /// The number of accounts.
    pub accounts: i64,
}

/// Counts the stored hashes of each cost (PW-13).
pub fn count_by_cost(tx: &mut Transaction<'_>) -> Result<Vec<CostRow>, StoreError> {
    let counts: Vec<(Option<String>, Option<String>, i64)> = accounts::table
        .filter(accounts::password_cost.is_not_null())
        .group_by((accounts::lasting_cost, accounts::password_cost))
        .select((accounts::lasting_cost, accounts::password_cost, diesel::dsl::count_star()))
        .load(tx.connection)?;
    let rows = counts.into_iter().filter_map(|(lasting_cost, password_cost, accounts)| {
        Some(CostRow { lasting_cost, password_cost: password_cost?, accounts })
    });
    Ok(rows.collect())
}
