//! A lock-down that left it to support whose the access is, repeated after a restore (DP-07).

use super::effect::end_everything;
use crate::{
    app::App,
    identity::{
        administration::{Change, Which, reason_text, with_locked_account},
        refusal::IdentityError,
    },
    store::{
        accounts::{self, ExpiredBecause},
        audit_events::{Event, Fact},
    },
    types::{Reason, RequestContext},
};

/// Locks the access down and leaves it contested: the database has lost the change of the address that it was about. No
/// link goes to any address until support decides. Both addresses were told when it happened, and are not told again.
pub async fn contested(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
    reason: Option<Reason>,
) -> Result<Change, IdentityError> {
    with_locked_account(app, context, which, move |tx, account| {
        let is_locked = account.password_expired_because == Some(ExpiredBecause::LockedDown);
        if is_locked && account.contested_since.is_some() {
            return Ok(Change::Unchanged);
        }
        end_everything(tx, account)?;
        accounts::set_contested(tx, &account.id)?;
        let detail = format!("{}, contested", reason_text(reason.as_ref()));
        tx.entry(Event::UserLockedDown).about(account).detail(&detail).fact(Fact::Contested(true)).append(tx)?;
        Ok(Change::Changed)
    })
    .await
}
