//! "This was not me": ends the one link of the mail.

use chrono::TimeDelta;

use super::live_link::{link_entry, live_link, why_not_live};
use crate::{
    app::App,
    config::Limit,
    identity::{
        abuse::source_limits::counting_unknown_tokens,
        field_error::{Field, FieldError},
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    metrics::RefusingLimit,
    store::{
        Allowance,
        audit_events::Event,
        rate_limits,
        reset_links::{self, ResetLink},
    },
    types::{CustomerNumber, RequestContext, ResetTokenHash},
};

/// How many numbers may be tried with one link. A wrong one ends nothing, and each answer tells whether it is the link's.
const TRIES: Limit = Limit { count: 5, period: TimeDelta::hours(1) };

/// What withdraws a link, as sent. A field that is missing is `None`.
pub struct WithdrawalForm {
    /// The token of the link.
    pub token: Option<String>,
    /// The customer number that the link was sent for: a mail scanner that presses the button does not know it.
    pub customer_number: Option<String>,
}

/// Ends the link. The password and the other links stay as they are.
///
/// # Errors
/// [`Refusal::LinkUnusable`] with the reason; [`Refusal::Invalid`] for a number that is not the link's, which ends
/// nothing; [`Refusal::TooManyAttempts`] for a source that has presented many unknown tokens, and for a link with which
/// many numbers were tried.
pub async fn withdraw_link(app: &App, context: &RequestContext, form: WithdrawalForm) -> Result<(), IdentityError> {
    let number = FieldError::check_customer_number(form.customer_number.as_deref());
    let Some(token) = form.token.as_deref() else {
        let errors = [Some(FieldError::required(Field::Token)), number.err()].into_iter().flatten();
        return Err(Refusal::Invalid(errors.collect()).into());
    };
    let link = counting_unknown_tokens(app, context, find_live_link(app, token)).await?;
    let number = number.map_err(|error| Refusal::Invalid(vec![error]))?;
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
    let tries = format!("withdrawal/{}", link.id);
    if let Allowance::Exhausted(wait) = rate_limits::take_token(tx, &tries, TRIES)? {
        tx.note_refusal(RefusingLimit::Withdrawal);
        return Ok(Decision::Refused(Refusal::TooManyAttempts(wait)));
    }
    if *number != link.customer_number {
        return Ok(Decision::Refused(Refusal::Invalid(vec![FieldError::customer_number_mismatch()])));
    }
    if !reset_links::withdraw(tx, &link.id)? {
        return Err(why_not_live(tx, link)?);
    }
    rate_limits::delete(tx, &tries)?;
    link_entry(tx, Event::ResetWithdrawn, link).detail("this was not me").append(tx)?;
    Ok(Decision::Done(()))
}
