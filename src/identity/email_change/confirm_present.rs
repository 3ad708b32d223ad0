//! "Still mine": the owner confirms the address on file (OW-12).

use chrono::TimeDelta;

use crate::{
    app::App,
    config::Limit,
    identity::{
        refusal::{IdentityError, Refusal},
        sessions::authenticate::Customer,
    },
    store::{accounts, audit_events::Event, rate_limits, sessions},
    types::RequestContext,
};

/// How often the trail tells of it: repetitions must not bury what matters there.
const ONE_ENTRY: Limit = Limit { count: 1, period: TimeDelta::hours(1) };

/// Stores that the address on file still holds.
///
/// # Errors
/// [`Refusal::NoEmailOnFile`] where there is none; [`Refusal::InvalidToken`] where the session has ended in the meantime.
pub async fn confirm_present(app: &App, context: &RequestContext, customer: Customer) -> Result<(), IdentityError> {
    app.transact(context, move |tx| {
        let Customer { account, session } = customer;
        let account = accounts::lock(tx, &account.id)?.ok_or(Refusal::InvalidToken)?;
        let lifetimes = tx.app.session_lifetimes;
        if sessions::find_live(tx, &session.id, lifetimes)?.is_none() {
            return Err(Refusal::InvalidToken.into());
        }
        if account.email.is_none() {
            return Err(Refusal::NoEmailOnFile.into());
        }
        accounts::set_email_confirmed(tx, &account.id)?;
        if !rate_limits::take_token(tx, &format!("email-confirmed/{}", account.id), ONE_ENTRY)?.is_granted() {
            return Ok(());
        }
        Ok(tx.entry(Event::EmailConfirmed).about(&account).session(&session.id).append(tx)?)
    })
    .await
}
