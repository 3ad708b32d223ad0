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
pub(super) enum Bearer {
    Customer(Box<Customer>),
    ChangeToken { account: Box<Account>, device_id: Option<DeviceId> },
}

impl Bearer {
    /// Finds the caller behind a bearer token.
    pub(super) async fn authenticate(app: &App, bearer_token: &str) -> Result<Self, IdentityError> {
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
