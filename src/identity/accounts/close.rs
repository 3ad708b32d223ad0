//! Closing the access of an account, and opening it again.

use super::find::FoundAccount;
use crate::{
    app::App,
    identity::{
        administration::{Change, Which, reason_text, with_locked_account},
        notice::{Notice, queue_notice},
        refusal::{IdentityError, Refusal},
        sessions::end::end_all,
        transaction::Tx,
    },
    store::sessions::SessionEnd,
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::Event,
        mails::MailKind,
        reset_links,
    },
    types::{Reason, RequestContext},
};

/// Closes access: every session and every reset link ends at once (LG-09, TK-10). A mail tells the owner, without the
/// reason.
pub async fn close(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    close_if(app, context, which, reason, |_| true).await
}

/// Does what [`close()`] does, where the account is as `is_meant` wants it.
///
/// # Errors
/// [`Refusal::VersionPassed`] where it is not.
pub async fn close_if(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    reason: Option<Reason>,
    is_meant: impl FnOnce(&FoundAccount) -> bool + Send + 'static,
) -> Result<Change, IdentityError> {
    let change = with_locked_account(app, context, which, move |tx, account| {
        let parts = tx.app.clone();
        if !is_meant(&FoundAccount::of(tx, &parts, account.clone())?) {
            return Err(Refusal::VersionPassed.into());
        }
        Ok(close_account(tx, account, reason.as_ref())?)
    })
    .await?;
    app.job_queued.notify_one();
    Ok(change)
}

/// Does so for an account that is locked.
pub(in crate::identity) fn close_account(
    tx: &mut Tx<'_>,
    account: &Account,
    reason: Option<&Reason>,
) -> Result<Change, StoreError> {
    let actor = tx.context.actor.clone();
    let changed = accounts::close(tx, &account.id, reason.map(Reason::as_str), &actor)?;
    end_all(tx, account, None, SessionEnd::Closed)?;
    reset_links::withdraw_all_of(tx, &account.id)?;
    if changed {
        announce(tx, account, Event::UserClosed, MailKind::AccessClosed, reason)?;
    }
    Ok(Change::when(changed))
}

/// Opens access again and tells the owner by mail. The previous password works again; sessions and links that have
/// ended stay ended (LG-09).
pub async fn reopen(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    let change = with_locked_account(app, context, which, move |tx, account| {
        let changed = accounts::reopen(tx, &account.id)?;
        if changed {
            announce(tx, account, Event::UserReopened, MailKind::AccessReopened, reason.as_ref())?;
        }
        Ok(Change::when(changed))
    })
    .await?;
    app.job_queued.notify_one();
    Ok(change)
}

/// Appends to the audit trail, and queues a notice to the address on file.
fn announce(
    tx: &mut Tx<'_>,
    account: &Account,
    event: Event,
    mail: MailKind,
    reason: Option<&Reason>,
) -> Result<(), StoreError> {
    tx.entry(event).about(account).detail(reason_text(reason)).append(tx)?;
    queue_notice(tx, Notice::new(mail), account)
}
