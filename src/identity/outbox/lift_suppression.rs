//! Ending the suppression of an address that has refused a mail, or whose owner has complained.

use crate::{
    app::App,
    identity::{
        administration::{Change, reason_text, with_account},
        refusal::IdentityError,
    },
    store::{audit_events::Event, suppressions},
    types::{CustomerNumber, RequestContext},
};

/// Lifts every suppression of the address on file. An account without an address stays unchanged.
pub async fn lift_suppression(
    app: &App,
    context: &RequestContext,
    number: CustomerNumber,
    reason: Option<String>,
) -> Result<Change, IdentityError> {
    with_account(app, context, number, move |tx, account| {
        let Some(email) = &account.email else { return Ok(Change::Unchanged) };
        let lifted = suppressions::lift(tx, email)?;
        if lifted {
            tx.entry(Event::SuppressionLifted).about(account).detail(reason_text(reason.as_deref())).append(tx)?;
        }
        Ok(Change::when(lifted))
    })
    .await
}
