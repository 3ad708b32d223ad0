//! An administrator puts another address on file.

use super::replace::{ReplacedBy, is_same, replace_email};
use crate::{
    app::App,
    identity::{
        administration::{Change, Which, reason_text, with_locked_account},
        refusal::IdentityError,
        transaction::Tx,
    },
    store::{StoreError, accounts::Account, audit_events::Event, email_changes},
    types::{EmailAddress, Reason, RequestContext},
};

/// Changes the address on file. A change that its owner has asked for ends, and one that was confirmed is not the
/// owner's own any more: an administrator has decided since, so a later lock-down contests nothing. Another spelling of the
/// same address is no change. A contested access stays contested.
pub async fn set(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    email: EmailAddress,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    let change = with_locked_account(app, context, which, move |tx, account| {
        put_on_file(tx, account, &email, reason.as_ref()).map_err(Into::into)
    })
    .await?;
    app.job_queued.notify_one();
    Ok(change)
}

/// Does so for an account that is locked.
pub(in crate::identity) fn put_on_file(
    tx: &mut Tx<'_>,
    account: &Account,
    email: &EmailAddress,
    reason: Option<&Reason>,
) -> Result<Change, StoreError> {
    if !is_another(account, email) {
        return Ok(Change::Unchanged);
    }
    set_on_locked(tx, account, email, reason_text(reason))?;
    Ok(Change::Changed)
}

/// Whether the address is another than the one on file.
pub(in crate::identity) fn is_another(account: &Account, email: &EmailAddress) -> bool {
    !is_same(account.email.as_ref(), email)
}

/// Changes the address on file of an account that is locked. The trail has both addresses, masked (AD-04).
pub(in crate::identity) fn set_on_locked(
    tx: &mut Tx<'_>,
    account: &Account,
    email: &EmailAddress,
    reason: &str,
) -> Result<(), StoreError> {
    email_changes::withdraw_all_of(tx, &account.id)?;
    email_changes::set_decided(tx, &account.id)?;
    replace_email(tx, account, email, ReplacedBy::Administrator)?;
    let before = account.email.as_ref().map_or_else(|| "none".to_owned(), EmailAddress::masked);
    let detail = format!("{reason}; email: {before} -> {}", email.masked());
    tx.entry(Event::UserEmailChanged).about(account).detail(&detail).append(tx)
}
