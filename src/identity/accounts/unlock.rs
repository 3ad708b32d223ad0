//! Taking back what was counted against a number: for an owner whom strangers keep waiting.

use crate::{
    app::App,
    identity::{abuse::throttle, refusal::IdentityError},
    store::{
        accounts,
        audit_events::{self, Entry, Event},
    },
    types::CustomerNumber,
};

/// Forgets the failures at the number and at its known devices. It opens nothing that was closed: closing is
/// something else (LG-09). `None` where there is no such account, `Some(false)` where nobody had to wait.
pub async fn unlock(
    app: &App,
    number: CustomerNumber,
    reason: Option<String>,
    actor: &str,
) -> Result<Option<bool>, IdentityError> {
    let now = app.clock.now();
    let actor = actor.to_owned();
    app.database
        .write(move |tx| -> Result<Option<bool>, IdentityError> {
            let Some(account) = accounts::find_by_customer_number(tx, &number)? else { return Ok(None) };
            let had_failures = throttle::forget_all_failures(tx, &account)?;
            if had_failures {
                let entry = Entry::by(&actor, Event::UserUnlocked, now)
                    .about(&account)
                    .detail(reason.as_deref().unwrap_or("no reason given"));
                audit_events::append(tx, &entry)?;
            }
            Ok(Some(had_failures))
        })
        .await
}
