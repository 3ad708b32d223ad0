//! Reminders that a password expires, counted at its account.

use diesel::prelude::*;

use super::{
    accounts::Account,
    engine::{StoreError, Transaction, update},
    schema::accounts,
};
use crate::types::{AccountId, UtcTime};

/// Lists at most `limit` open accounts that have an address, whose password was set after `changed_after` and not after
/// `changed_until`, and that have had fewer than `reminders` reminders of its expiry.
pub fn list_to_remind(
    tx: &mut Transaction<'_>,
    changed_after: UtcTime,
    changed_until: UtcTime,
    reminders: i32,
    limit: i64,
) -> Result<Vec<Account>, StoreError> {
    Ok(accounts::table
        .filter(accounts::password_changed_at.gt(changed_after))
        .filter(accounts::password_changed_at.le(changed_until))
        .filter(accounts::expiry_reminders.lt(reminders))
        .filter(accounts::password_hash.is_not_null())
        .filter(accounts::password_expired_because.is_null())
        .filter(accounts::email.is_not_null())
        .filter(accounts::closed_at.is_null())
        .order(accounts::password_changed_at)
        .limit(limit)
        .select(Account::as_select())
        .load(tx.connection)?)
}

/// Counts a reminder that is queued. Returns `false` where another worker has counted it or the password is a new one.
pub fn set_reminded(tx: &mut Transaction<'_>, seen: &Account, reminders: i32) -> Result<bool, StoreError> {
    let unchanged = accounts::table
        .filter(accounts::id.eq(&seen.id))
        .filter(accounts::session_epoch.eq(seen.session_epoch))
        .filter(accounts::expiry_reminders.lt(reminders));
    Ok(update(unchanged).set(accounts::expiry_reminders.eq(reminders)).execute(tx.connection)? == 1)
}

/// Takes the reminder that was queued last from the count, because it will not go out.
pub fn set_not_reminded(tx: &mut Transaction<'_>, id: &AccountId) -> Result<(), StoreError> {
    let reminded = accounts::table.filter(accounts::id.eq(id)).filter(accounts::expiry_reminders.gt(0));
    update(reminded).set(accounts::expiry_reminders.eq(accounts::expiry_reminders - 1)).execute(tx.connection)?;
    Ok(())
}
