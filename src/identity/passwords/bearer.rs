//! Who changes a password: a signed-in customer, or somebody with a change token.

use crate::{
    app::App,
    crypto::change_token::{self, Permit},
    identity::{
        refusal::{IdentityError, Refusal},
        sessions::authenticate::{Customer, authenticate},
    },
    store::accounts::{self, Account},
    types::DeviceId,
};

/// The caller, by the bearer token.
#[derive(Clone)]
pub enum Bearer {
    /// A customer with the access token of a live session.
    Customer(Box<Customer>),
    /// A customer whose right password had expired at the sign-in.
    ChangeToken {
        /// The account that the token was issued for.
        account: Box<Account>,
        /// The device of the sign-in, where it was a known one.
        device_id: Option<DeviceId>,
    },
}

impl Bearer {
    /// Finds the caller behind a bearer token.
    ///
    /// # Errors
    /// [`Refusal::InvalidToken`] for every token that is neither of a live session nor a valid change token.
    pub async fn authenticate(app: &App, bearer_token: &str) -> Result<Self, IdentityError> {
        let Some(permit) = change_token::open(&app.keyring, bearer_token, app.clock.now()) else {
            return Ok(Self::Customer(Box::new(authenticate(app, bearer_token).await?)));
        };
        let Permit { account_id, session_epoch, device_id, .. } = permit;
        let account = app
            .query(move |tx| accounts::find(tx, &account_id))
            .await?
            .filter(|account| account.session_epoch == session_epoch && account.closed_at.is_none())
            .ok_or(Refusal::InvalidToken)?;
        Ok(Self::ChangeToken { account: Box::new(account), device_id })
    }

    pub(super) fn account(&self) -> &Account {
        match self {
            Self::Customer(customer) => &customer.account,
            Self::ChangeToken { account, .. } => account,
        }
    }
}
