//! "This was not me" in the mail to the old address: ends a change that waits (OW-02).

use super::pending::{find_presented, unusable, why_unusable};
use crate::{
    app::App,
    identity::{
        abuse::{
            link_number::{LinkForm, LinkNumber},
            source_limits::counting_unknown_tokens,
        },
        refusal::{IdentityError, LinkReason},
        transaction::{Decision, Tx},
    },
    metrics::RefusingLimit,
    store::{
        accounts,
        audit_events::Event,
        email_changes::{self, EmailChange, EmailChangeEnd, find_to_withdraw},
    },
    types::{CustomerNumber, EmailWithdrawTokenHash, RequestContext},
};

/// Ends a change that waits. The address on file stays.
///
/// # Errors
/// [`Refusal::EmailChangeUnusable`](crate::identity::Refusal::EmailChangeUnusable) with the reason;
/// [`Refusal::Invalid`](crate::identity::Refusal::Invalid) for a number that is not the account's, which ends nothing;
/// [`Refusal::TooManyAttempts`](crate::identity::Refusal::TooManyAttempts) for a source that has presented many unknown
/// tokens, and for a link with which many numbers were tried.
pub async fn withdraw(app: &App, context: &RequestContext, form: LinkForm) -> Result<(), IdentityError> {
    let (token, number) = form.read()?;
    let token_hash = EmailWithdrawTokenHash::of_presented(token);
    let change = counting_unknown_tokens(app, context, find_presented(app, token_hash, find_to_withdraw)).await?;
    let number = number?;
    app.decide(context, move |tx| end(tx, &change, &number)).await
}

fn end(tx: &mut Tx<'_>, change: &EmailChange, number: &CustomerNumber) -> Result<Decision<()>, IdentityError> {
    let account = accounts::lock(tx, &change.account_id)?.ok_or(unusable(LinkReason::Unknown))?;
    let tries = LinkNumber::counted_on(format!("email-withdrawal/{}", change.id), RefusingLimit::EmailWithdrawal);
    if let Decision::Refused(refusal) = tries.check(tx, number, &account.customer_number)? {
        return Ok(Decision::Refused(refusal));
    }
    if !email_changes::end(tx, &change.id, EmailChangeEnd::Withdrawn)? {
        let present = email_changes::find(tx, &change.id)?.ok_or(unusable(LinkReason::Unknown))?;
        let app = tx.app.clone();
        let reason = why_unusable(tx, &app, &present, &account)?;
        return Err(unusable(reason.unwrap_or(LinkReason::Expired)).into());
    }
    tries.forget(tx)?;
    tx.entry(Event::EmailChangeWithdrawn).about(&account).detail("this was not me").append(tx)?;
    Ok(Decision::Done(()))
}
