//! "This was not me": ends the one link of the mail.

use super::link::{ended_meanwhile, link_entry};
use crate::{
    app::App,
    identity::{
        abuse::{
            link_number::{LinkForm, LinkNumber},
            source_limits::counting_unknown_tokens,
        },
        live_link::live_link,
        refusal::IdentityError,
        transaction::{Decision, Tx},
    },
    metrics::RefusingLimit,
    store::{
        audit_events::Event,
        reset_links::{self, ResetLink},
    },
    types::{CustomerNumber, RequestContext, ResetTokenHash},
};

/// Ends the link. The password and the other links stay as they are.
///
/// # Errors
/// [`Refusal::LinkUnusable`](crate::identity::Refusal::LinkUnusable) with the reason;
/// [`Refusal::Invalid`](crate::identity::Refusal::Invalid) for a number that is not the link's, which ends nothing;
/// [`Refusal::TooManyAttempts`](crate::identity::Refusal::TooManyAttempts) for a source that has presented many unknown
/// tokens, and for a link with which many numbers were tried.
pub async fn withdraw_link(app: &App, context: &RequestContext, form: LinkForm) -> Result<(), IdentityError> {
    let (token, number) = form.read()?;
    let link = counting_unknown_tokens(app, context, find_live_link(app, token)).await?;
    let number = number?;
    app.decide(context, move |tx| withdraw(tx, &link, &number)).await
}

/// Finds the link in a query of its own: a made-up token must not open a writing transaction, of which SQLite has one
/// at a time.
async fn find_live_link(app: &App, token: &str) -> Result<ResetLink, IdentityError> {
    let now = app.clock.now();
    let token_hash = ResetTokenHash::of_presented(token);
    let found = app.query(move |tx| reset_links::find_by_token_hash(tx, &token_hash)).await?;
    Ok(live_link(found, now)?)
}

fn withdraw(tx: &mut Tx<'_>, link: &ResetLink, number: &CustomerNumber) -> Result<Decision<()>, IdentityError> {
    let tries = LinkNumber::counted_on(format!("withdrawal/{}", link.id), RefusingLimit::Withdrawal);
    if let Decision::Refused(refusal) = tries.check(tx, number, &link.customer_number)? {
        return Ok(Decision::Refused(refusal));
    }
    if !reset_links::withdraw(tx, &link.id)? {
        return Err(ended_meanwhile(tx, link)?);
    }
    tries.forget(tx)?;
    link_entry(tx, Event::ResetWithdrawn, link).detail("this was not me").append(tx)?;
    Ok(Decision::Done(()))
}
