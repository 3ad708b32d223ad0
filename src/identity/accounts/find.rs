//! Finding accounts for administration.

use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::accounts::{self, Account},
    types::CustomerNumber,
};

/// Finds the account of a customer number, for administrators. No customer's request leads here.
pub async fn find(app: &App, number: CustomerNumber) -> Result<Option<Account>, IdentityError> {
    Ok(app.query(move |tx| accounts::find_by_customer_number(tx, &number)).await?)
}
