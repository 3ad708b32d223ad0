//! How long a change of the address waits for its confirmation (OW-03).

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::{
        address::NOTICED_FOR,
        live_link::why_not_live,
        refusal::{IdentityError, LinkReason, Refusal},
        sessions::password_state::PasswordAge,
    },
    store::{
        StoreError, Transaction,
        accounts::{self, Account},
        email_changes::{self, EmailChange},
        sessions,
    },
};

/// How long a change can be confirmed or withdrawn.
pub(in crate::identity) const WAITS_FOR: TimeDelta = NOTICED_FOR;

/// The reason why the change cannot be confirmed now; `None` where it can. It ends with every new or expired password,
/// lock-down and closing, all of which begin a new epoch of the account, with the session that asked for it, and with
/// another change of the address.
pub(in crate::identity) fn why_unusable(
    tx: &mut Transaction<'_>,
    app: &App,
    change: &EmailChange,
    account: &Account,
) -> Result<Option<LinkReason>, StoreError> {
    if let Some(reason) = why_not_live(change, tx.now) {
        return Ok(Some(reason));
    }
    let is_untouched = account.session_epoch == change.session_epoch
        && account.closed_at.is_none()
        && account.contested_since.is_none()
        && account.password_expired_because.is_none()
        && account.email_changed_at.is_none_or(|changed_at| changed_at <= change.created_at)
        && !PasswordAge::of(app).has_passed(account, tx.now);
    if !is_untouched || sessions::find_live(tx, &change.session_id, app.session_lifetimes)?.is_none() {
        return Ok(Some(LinkReason::Withdrawn));
    }
    Ok(None)
}

/// Finds the change of the account that waits for its confirmation.
pub(in crate::identity) fn find_pending(
    tx: &mut Transaction<'_>,
    app: &App,
    account: &Account,
) -> Result<Option<EmailChange>, StoreError> {
    let Some(change) = email_changes::find_newest_of(tx, &account.id)? else { return Ok(None) };
    Ok(why_unusable(tx, app, &change, account)?.is_none().then_some(change))
}

/// What a presented token leads to.
enum Presented {
    Usable(EmailChange),
    Unusable(LinkReason),
}

/// Finds the change of a presented token, by one of the look-ups of the store. It runs in a query of its own: a made-up
/// token must not open a writing transaction, of which SQLite has one at a time.
pub(super) async fn find_presented<Hash: Send + 'static>(
    app: &App,
    token_hash: Hash,
    find: fn(&mut Transaction<'_>, &Hash) -> Result<Option<EmailChange>, StoreError>,
) -> Result<EmailChange, IdentityError> {
    let handle = app.clone();
    let found = app
        .read(move |tx| {
            let Some(change) = find(tx, &token_hash)? else { return Ok(Presented::Unusable(LinkReason::Unknown)) };
            let Some(account) = accounts::find(tx, &change.account_id)? else {
                return Ok(Presented::Unusable(LinkReason::Unknown));
            };
            Ok(match why_unusable(tx, &handle, &change, &account)? {
                None => Presented::Usable(change),
                Some(reason) => Presented::Unusable(reason),
            })
        })
        .await?;
    match found {
        Presented::Usable(change) => Ok(change),
        Presented::Unusable(reason) => Err(unusable(reason).into()),
    }
}

/// The refusal of a link whose change cannot be used.
pub(super) const fn unusable(reason: LinkReason) -> Refusal {
    Refusal::EmailChangeUnusable(reason)
}
