//! The new mailbox confirms a change of the address, which takes effect then (OW-01).

use super::{
    known_device::needs_support,
    pending::{find_presented, unusable, why_unusable},
    replace::{ReplacedBy, replace_email},
};
use crate::{
    app::App,
    identity::{
        abuse::{link_number::LinkForm, source_limits::counting_unknown_tokens},
        field_error::FieldError,
        refusal::{IdentityError, LinkReason, Refusal},
        transaction::{Decision, Tx},
    },
    store::{
        accounts::{self, Account},
        audit_events::Event,
        email_changes::{self, EmailChange, EmailChangeEnd, find_to_confirm},
    },
    types::{CustomerNumber, EmailConfirmTokenHash, RequestContext},
};

/// The answer to this many wrong customer numbers ends the change.
const MOST_MISMATCHES: i32 = 5;

/// Puts the new address on file. Reset links for the old address end, the new one cools off, and the old one is told.
///
/// # Errors
/// [`Refusal::NoSelfService`] where customers do not change their address any more; [`Refusal::EmailChangeUnusable`] with
/// the reason; [`Refusal::Invalid`] for a number that is not the account's, of
/// which the fifth ends the change; [`Refusal::TooManyAttempts`] for a source that has presented many unknown tokens.
pub async fn confirm(app: &App, context: &RequestContext, form: LinkForm) -> Result<(), IdentityError> {
    if !app.config.offers_email_self_service() {
        return Err(Refusal::NoSelfService.into());
    }
    let (token, number) = form.read()?;
    let token_hash = EmailConfirmTokenHash::of_presented(token);
    let change = counting_unknown_tokens(app, context, find_presented(app, token_hash, find_to_confirm)).await?;
    let number = number?;
    app.decide(context, move |tx| take_effect(tx, &change, &number)).await?;
    app.job_queued.notify_one();
    Ok(())
}

fn take_effect(
    tx: &mut Tx<'_>,
    change: &EmailChange,
    number: &CustomerNumber,
) -> Result<Decision<()>, IdentityError> {
    let account = accounts::lock(tx, &change.account_id)?.ok_or(unusable(LinkReason::Unknown))?;
    // What ends a change locks the account first, so the state is read again under the lock.
    let present = email_changes::find(tx, &change.id)?.ok_or(unusable(LinkReason::Unknown))?;
    let app = tx.app.clone();
    if let Some(reason) = why_unusable(tx, &app, &present, &account)? {
        return Err(unusable(reason).into());
    }
    if needs_support(tx, &account, &change.session_id)? {
        // Mail to the present address has come back since the question, perhaps the notice of the change.
        return Err(unusable(LinkReason::Withdrawn).into());
    }
    if *number != account.customer_number {
        count_mismatch(tx, change, &account)?;
        return Ok(Decision::Refused(Refusal::Invalid(vec![FieldError::customer_number_mismatch()])));
    }
    if !email_changes::end(tx, &change.id, EmailChangeEnd::Confirmed)? {
        return Err(unusable(LinkReason::Used).into());
    }
    replace_email(tx, &account, &change.new_email, ReplacedBy::Owner(&change.id))?;
    let entry = tx.entry(Event::UserEmailChanged).about(&account).session(&change.session_id);
    entry.detail("confirmed by the customer").append(tx)?;
    Ok(Decision::Done(()))
}

fn count_mismatch(tx: &mut Tx<'_>, change: &EmailChange, account: &Account) -> Result<(), IdentityError> {
    if email_changes::count_mismatch(tx, &change.id)? >= MOST_MISMATCHES
        && email_changes::end(tx, &change.id, EmailChangeEnd::Withdrawn)?
    {
        let entry = tx.entry(Event::EmailChangeWithdrawn).about(account);
        entry.detail("too many wrong customer numbers").append(tx)?;
    }
    Ok(())
}
