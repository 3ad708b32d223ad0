//! Ending the suppression of an address that has refused a mail, or whose owner has complained.

use crate::{
    app::App,
    identity::{
        administration::{Change, Which, reason_text, with_account},
        refusal::IdentityError,
    },
    store::{audit_events::Event, suppressions},
    types::{Reason, RequestContext},
};

/// Lifts every suppression of the address on file. An account without an address stays unchanged.
pub async fn lift_suppression(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    with_account(app, context, which, move |tx, account| {
        let Some(email) = &account.email else { return Ok(Change::Unchanged) };
        let lifted = suppressions::lift(tx, email)?;
        if lifted {
            tx.entry(Event::SuppressionLifted).about(account).detail(reason_text(reason.as_ref())).append(tx)?;
        }
        Ok(Change::when(lifted))
    })
    .await
}
