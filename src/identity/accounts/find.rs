//! Finding accounts for administration.

use crate::{
    app::App,
    identity::{
        address::{EmailState, find_email_state},
        refusal::IdentityError,
    },
    store::accounts::{self, Account},
    types::CustomerNumber,
};

/// An account, and what its row does not hold.
pub struct FoundAccount {
    /// The row.
    pub account: Account,
    /// The state of the address on file.
    pub email_state: EmailState,
}

/// Finds the account of a customer number, for administrators. No customer's request leads here.
pub async fn find(app: &App, number: CustomerNumber) -> Result<Option<FoundAccount>, IdentityError> {
    let handle = app.clone();
    let found = app
        .read(move |tx| {
            let Some(account) = accounts::find_by_customer_number(tx, &number)? else { return Ok(None) };
            let email_state = find_email_state(tx, &handle.config, &account)?;
            Ok(Some(FoundAccount { account, email_state }))
        })
        .await?;
    Ok(found)
}
