//! Changes that an administrator makes to an account.

use super::{
    refusal::IdentityError,
    transaction::{Decision, Tx},
};
use crate::{
    app::App,
    store::{
        StoreError, Transaction,
        accounts::{self, Account},
    },
    types::{AccountId, CustomerNumber, Reason, RequestContext},
};

/// How an administrator names an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By its customer number, as the command line does.
    Number(CustomerNumber),
    /// By its id, as machine clients do: no number stands in an address (DP-03).
    Id(AccountId),
}

impl From<CustomerNumber> for Which {
    fn from(number: CustomerNumber) -> Self {
        Self::Number(number)
    }
}

impl From<AccountId> for Which {
    fn from(id: AccountId) -> Self {
        Self::Id(id)
    }
}

impl Which {
    /// Finds the account.
    pub(in crate::identity) fn find(&self, tx: &mut Transaction<'_>) -> Result<Option<Account>, StoreError> {
        match self {
            Self::Number(number) => accounts::find_by_customer_number(tx, number),
            Self::Id(id) => accounts::find(tx, id),
        }
    }
}

/// What the request of an administrator has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There is no such account.
    NoSuchAccount,
    /// The account was in the requested state already.
    Unchanged,
    /// The account has been brought into the requested state.
    Changed,
}

impl Change {
    /// The change of an account that exists.
    pub(in crate::identity) const fn when(changed: bool) -> Self {
        if changed { Self::Changed } else { Self::Unchanged }
    }
}

impl From<Change> for Decision<Change> {
    fn from(change: Change) -> Self {
        Self::Done(change)
    }
}

/// Changes an account in one transaction, where there is such an account. `change` may refuse.
pub(in crate::identity) async fn with_account<Outcome: Into<Decision<Change>>>(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    change: impl FnOnce(&mut Tx<'_>, &Account) -> Result<Outcome, IdentityError> + Send + 'static,
) -> Result<Change, IdentityError> {
    let which = which.into();
    app.decide(context, move |tx| match which.find(tx)? {
        Some(account) => change(tx, &account).map(Into::into),
        None => Ok(Change::NoSuchAccount.into()),
    })
    .await
}

/// Changes an account in one transaction and with the account locked, where there is such an account. `change` gets the
/// account as read under the lock, with what a simultaneous transaction has committed.
pub(in crate::identity) async fn with_locked_account<Outcome: Into<Decision<Change>>>(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    change: impl FnOnce(&mut Tx<'_>, &Account) -> Result<Outcome, IdentityError> + Send + 'static,
) -> Result<Change, IdentityError> {
    with_account(app, context, which, move |tx, found| match accounts::lock(tx, &found.id)? {
        Some(account) => change(tx, &account).map(Into::into),
        None => Ok(Change::NoSuchAccount.into()),
    })
    .await
}

/// The reason of an administrator as the audit trail shows it.
pub(in crate::identity) fn reason_text(reason: Option<&Reason>) -> &str {
    reason.map_or("no reason given", Reason::as_str)
}
