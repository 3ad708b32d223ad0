//! Writing to an address again that bounced or complained.

use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::{
        accounts,
        audit_events::{self, Entry, Event},
        suppressions,
    },
    types::CustomerNumber,
};

/// Lifts whatever holds for the address on file. `None` where there is no such account, `Some(false)` where nothing
/// held.
pub async fn lift_suppression(
    app: &App,
    number: CustomerNumber,
    actor: &str,
) -> Result<Option<bool>, IdentityError> {
    let now = app.clock.now();
    let actor = actor.to_owned();
    app.database
        .write(move |tx| -> Result<Option<bool>, IdentityError> {
            let Some(account) = accounts::find_by_customer_number(tx, &number)? else { return Ok(None) };
            let Some(email) = &account.email else { return Ok(Some(false)) };
            let lifted = suppressions::lift(tx, email, None)?;
            if lifted {
                let entry = Entry::by(&actor, Event::SuppressionLifted, now).about(&account);
                audit_events::append(tx, &entry)?;
            }
            Ok(Some(lifted))
        })
        .await
}
