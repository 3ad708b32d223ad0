//! The end of everything that was handed out, a batch at a time. A backup that is restored holds sessions that have ended
//! since, links that were used and devices that were forgotten: none of them may come to life again (DP-07).

use diesel::prelude::*;

use super::{
    accounts::{ExpiredBecause, tell_of_expiries},
    engine::{StoreError, Transaction, update},
    lock_down_links::LockDownLinkEnd,
    reset_links::LinkEnd,
    schema::{accounts, devices, lock_down_links, reset_links},
    sessions::{self, SessionEnd},
};
use crate::types::{AccountId, DeviceId, MailId, ResetLinkId};

/// Ends at most `most` sessions that go on, and returns how many.
pub fn end_sessions(tx: &mut Transaction<'_>, most: i64) -> Result<usize, StoreError> {
    sessions::end_any(tx, most, SessionEnd::Epoch)
}

/// Withdraws at most `most` links that have not ended, and returns how many.
pub fn withdraw_links(tx: &mut Transaction<'_>, most: i64) -> Result<usize, StoreError> {
    let open: Vec<ResetLinkId> = reset_links::table
        .filter(reset_links::ended_at.is_null())
        .limit(most)
        .select(reset_links::id)
        .load(tx.connection)?;
    let withdrawn = (reset_links::ended_at.eq(tx.now), reset_links::ended_because.eq(LinkEnd::Withdrawn));
    Ok(update(reset_links::table.filter(reset_links::id.eq_any(open))).set(withdrawn).execute(tx.connection)?)
}

/// Withdraws at most `most` lock-down links that have not ended, and returns how many.
pub fn withdraw_lock_down_links(tx: &mut Transaction<'_>, most: i64) -> Result<usize, StoreError> {
    let open: Vec<MailId> = lock_down_links::table
        .filter(lock_down_links::ended_at.is_null())
        .limit(most)
        .select(lock_down_links::mail_id)
        .load(tx.connection)?;
    let withdrawn =
        (lock_down_links::ended_at.eq(tx.now), lock_down_links::ended_because.eq(LockDownLinkEnd::Withdrawn));
    let links = lock_down_links::table.filter(lock_down_links::mail_id.eq_any(open));
    Ok(update(links).set(withdrawn).execute(tx.connection)?)
}

/// Forgets at most `most` devices, and returns how many.
pub fn forget_devices(tx: &mut Transaction<'_>, most: i64) -> Result<usize, StoreError> {
    let ids: Vec<DeviceId> =
        devices::table.order(devices::last_used_at).limit(most).select(devices::id).load(tx.connection)?;
    Ok(diesel::delete(devices::table.filter(devices::id.eq_any(ids))).execute(tx.connection)?)
}

/// What becomes of the passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passwords {
    /// They stay as they are.
    Kept,
    /// They must be replaced through the reset mail.
    Expired,
}

/// A batch of accounts.
pub struct AccountBatch {
    /// The last of them, in the order of their ids.
    pub last: AccountId,
    /// How many accounts it has.
    pub accounts: usize,
    /// How many passwords have expired with it.
    pub passwords: usize,
}

/// Gives at most `most` accounts after `last`, in the order of their ids, a later epoch of their sessions, on which change
/// tokens depend. `step` is random, so that no epoch from after a backup is met again. Returns `None` after the last one.
pub fn advance_accounts(
    tx: &mut Transaction<'_>,
    last: Option<&AccountId>,
    step: i32,
    passwords: Passwords,
    most: i64,
) -> Result<Option<AccountBatch>, StoreError> {
    let ids: Vec<AccountId> = accounts::table
        .filter(accounts::id.gt(last.map_or("", AccountId::as_str)))
        .order(accounts::id)
        .limit(most)
        .select(accounts::id)
        .load(tx.connection)?;
    let Some(newest) = ids.last().cloned() else { return Ok(None) };
    let advanced = accounts::session_epoch.eq(accounts::session_epoch + step);
    let count = update(accounts::table.filter(accounts::id.eq_any(&ids))).set(advanced).execute(tx.connection)?;
    let expired = if passwords == Passwords::Expired { expire_passwords(tx, &ids)? } else { 0 };
    Ok(Some(AccountBatch { last: newest, accounts: count, passwords: expired }))
}

#[expect(clippy::disallowed_methods, reason = "rows come back")]
fn expire_passwords(tx: &mut Transaction<'_>, ids: &[AccountId]) -> Result<usize, StoreError> {
    let unexpired = accounts::table
        .filter(accounts::id.eq_any(ids))
        .filter(accounts::password_hash.is_not_null())
        .filter(accounts::password_expired_because.is_null());
    let because = ExpiredBecause::Administrative;
    let expired: Vec<AccountId> = diesel::update(unexpired)
        .set((accounts::password_expired_because.eq(because), accounts::password_expired_at.eq(tx.now)))
        .returning(accounts::id)
        .get_results(tx.connection)?;
    tell_of_expiries(tx, &expired, because)?;
    Ok(expired.len())
}
