//! Changes that an administrator makes to the account of a customer number.

use super::{refusal::IdentityError, transaction::Tx};
use crate::{
    app::App,
    store::accounts::{self, Account},
    types::{CustomerNumber, RequestContext},
};

/// What the request of an administrator has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The customer number has no account.
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

/// Changes the account of a customer number in one transaction, where the number has an account.
pub(in crate::identity) async fn with_account(
    app: &App,
    context: &RequestContext,
    number: CustomerNumber,
    change: impl FnOnce(&mut Tx<'_>, &Account) -> Result<Change, IdentityError> + Send + 'static,
) -> Result<Change, IdentityError> {
    app.transact(context, move |tx| match accounts::find_by_customer_number(tx, &number)? {
        Some(account) => change(tx, &account),
        None => Ok(Change::NoSuchAccount),
    })
    .await
}

/// Changes the account of a customer number in one transaction and with the account locked, where the number has an
/// account. `change` gets the account as read under the lock, with what a simultaneous transaction has committed.
pub(in crate::identity) async fn with_locked_account(
    app: &App,
    context: &RequestContext,
    number: CustomerNumber,
    change: impl FnOnce(&mut Tx<'_>, &Account) -> Result<Change, IdentityError> + Send + 'static,
) -> Result<Change, IdentityError> {
    with_account(app, context, number, move |tx, found| match accounts::lock(tx, &found.id)? {
        Some(account) => change(tx, &account),
        None => Ok(Change::NoSuchAccount),
    })
    .await
}

/// The reason of an administrator as the audit trail shows it.
pub(in crate::identity) fn reason_text(reason: Option<&str>) -> &str {
    reason.unwrap_or("no reason given")
}
