//! An administrator puts another address on file.

use super::replace::{ReplacedBy, is_same, replace_email};
use crate::{
    app::App,
    identity::{
        administration::{Change, Which, reason_text, with_locked_account},
        refusal::IdentityError,
    },
    store::{audit_events::Event, email_changes},
    types::{EmailAddress, Reason, RequestContext},
};

/// Changes the address on file. A change that its owner has asked for ends, and one that was confirmed is not the owner's
/// own any more: an administrator has decided since, so a later lock-down contests nothing. Another spelling of the same address is no
/// change. A contested access stays contested.
pub async fn set(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    email: EmailAddress,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    let change = with_locked_account(app, context, which, move |tx, account| {
        if is_same(account.email.as_ref(), &email) {
            return Ok(Change::Unchanged);
        }
        email_changes::withdraw_all_of(tx, &account.id)?;
        email_changes::set_decided(tx, &account.id)?;
        replace_email(tx, account, &email, ReplacedBy::Administrator)?;
        let entry = tx.entry(Event::UserEmailChanged).about(account);
        entry.detail(reason_text(reason.as_ref())).append(tx)?;
        Ok(Change::Changed)
    })
    .await?;
    app.job_queued.notify_one();
    Ok(change)
}
