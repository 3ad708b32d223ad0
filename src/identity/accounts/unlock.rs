//! Forgetting the failures counted against a number, for an owner who has to wait because of strangers' attempts.

use crate::{
    app::App,
    identity::{
        abuse::failures::forget_all_failures,
        administration::{Change, Which, reason_text, with_account},
        refusal::IdentityError,
    },
    store::audit_events::Event,
    types::{Reason, RequestContext},
};

/// Forgets the failures at the number and at its known devices. Closed access stays closed.
pub async fn unlock(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    with_account(app, context, which, move |tx, account| {
        let had_failures = forget_all_failures(tx, account)?;
        if had_failures {
            let entry = tx.entry(Event::UserUnlocked).about(account);
            entry.detail(reason_text(reason.as_ref())).append(tx)?;
        }
        Ok(Change::when(had_failures))
    })
    .await
}
