//! Finding accounts for administration.

use crate::{
    app::App,
    identity::{
        address::{EmailState, find_email_state},
        administration::Which,
        refusal::{IdentityError, Refusal},
        sessions::password_expires_at,
    },
    store::{
        StoreError, Transaction,
        accounts::{self, Account},
        audit_events::Event,
    },
    types::{AccountId, CustomerNumber, RequestContext, UtcTime},
};

/// An account, and what its row does not hold.
pub struct FoundAccount {
    /// The row.
    pub account: Account,
    /// The state of the address on file.
    pub email_state: EmailState,
    /// When the password reaches its greatest age; `None` without a password, or where passwords do not expire.
    pub password_expires_at: Option<UtcTime>,
}

impl FoundAccount {
    /// Adds to an account what its row does not hold.
    pub(in crate::identity) fn of(
        tx: &mut Transaction<'_>,
        app: &App,
        account: Account,
    ) -> Result<Self, StoreError> {
        let email_state = find_email_state(tx, &app.config, &account)?;
        let password_expires_at = password_expires_at(app, &account);
        Ok(Self { account, email_state, password_expires_at })
    }
}

/// Finds the account of a customer number, for administrators. No customer's request leads here.
pub async fn find(app: &App, number: CustomerNumber) -> Result<Option<FoundAccount>, IdentityError> {
    find_one(app, number.into()).await
}

/// Finds an account by its id, for administrators.
pub async fn find_by_id(app: &App, id: AccountId) -> Result<Option<FoundAccount>, IdentityError> {
    find_one(app, id.into()).await
}

/// Finds an account by its id for a machine client, and writes into the audit trail that it was read (AD-10).
///
/// # Errors
/// [`Refusal::NoSuchAccount`].
pub async fn read(app: &App, context: &RequestContext, id: AccountId) -> Result<FoundAccount, IdentityError> {
    app.transact(context, move |tx| {
        let account = accounts::find(tx, &id)?.ok_or(Refusal::NoSuchAccount)?;
        tx.entry(Event::SensitiveRead).about(&account).detail("account").append(tx)?;
        let app = tx.app.clone();
        Ok(FoundAccount::of(tx, &app, account)?)
    })
    .await
}

async fn find_one(app: &App, which: Which) -> Result<Option<FoundAccount>, IdentityError> {
    let handle = app.clone();
    let found = app
        .read(move |tx| {
            let account = which.find(tx)?;
            account.map(|account| FoundAccount::of(tx, &handle, account)).transpose()
        })
        .await?;
    Ok(found)
}
