//! Passwords that must be changed before their time. Only the reset mail lets the owner set the next one: a person who
//! stole the old password must not choose it (LG-11).

use crate::{
    app::App,
    identity::{
        administration::{Change, Which, reason_text, with_account},
        refusal::{IdentityError, Refusal},
        sessions::end::end_all,
        transaction::Tx,
        work::queue_reset,
    },
    store::sessions::SessionEnd,
    store::{
        StoreError,
        accounts::{self, Account, ExpiredBecause},
        audit_events::Event,
    },
    types::{Actor, Reason, RequestContext},
};

/// Expires a password on behalf of an administrator: every session ends, and the next sign-in sends the reset mail.
pub async fn expire(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    with_account(app, context, which, move |tx, account| {
        let detail = reason_text(reason.as_ref());
        let expired = expire_and_end_sessions(tx, account, ExpiredBecause::Administrative, detail)?;
        Ok(Change::when(expired))
    })
    .await
}

/// Requests the reset mail after a sign-in with the right password, which is not accepted any more, and expires that
/// password where this has not happened yet.
///
/// # Errors
/// [`Refusal::InvalidCredentials`] where the password was replaced in the meantime.
pub(in crate::identity) async fn force_reset(
    app: &App,
    context: &RequestContext,
    account: Account,
    because: ExpiredBecause,
) -> Result<(), IdentityError> {
    let context = RequestContext { actor: Actor::Service, ..context.clone() };
    app.transact(&context, move |tx| {
        let present = accounts::lock(tx, &account.id)?;
        if present.is_none_or(|present| present.session_epoch != account.session_epoch) {
            // The password has been replaced in the meantime, and the new one need not be changed.
            return Err(Refusal::InvalidCredentials.into());
        }
        expire_and_end_sessions(tx, &account, because, because.as_str())?;
        Ok(queue_reset(tx, account.customer_number, &Actor::Service)?)
    })
    .await?;
    app.job_queued.notify_one();
    Ok(())
}

/// Expires the password and ends every session. Returns `false` where the password had expired before.
fn expire_and_end_sessions(
    tx: &mut Tx<'_>,
    account: &Account,
    because: ExpiredBecause,
    detail: &str,
) -> Result<bool, StoreError> {
    if !accounts::expire_password(tx, &account.id, because)? {
        return Ok(false);
    }
    end_all(tx, account, None, SessionEnd::PasswordExpired)?;
    tx.entry(Event::PasswordExpired).about(account).detail(detail).append(tx)?;
    Ok(true)
}
