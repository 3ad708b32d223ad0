//! Signed-in sessions.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{
    accounts::Account,
    engine::{StoreError, Transaction, update},
    schema::sessions,
};
use crate::types::{AccountId, DeviceId, SessionId, UtcTime, text_enum};

text_enum! {
    /// Why a session ended.
    pub enum SessionEnd {
        /// The customer ended the session, signing out here or from another session.
        ByCustomer = "by the customer",
        /// The session was not used for its idle lifetime.
        Idle = "idle",
        /// The session reached its absolute lifetime.
        TooOld = "too old",
        /// The customer began more sessions than an account may have at once.
        TooMany = "too many sessions",
        /// The password was set through a reset link.
        Reset = "reset",
        /// The password was changed, by the customer or after its expiry.
        Change = "change",
        /// The password expired, by its age or by an administrator.
        PasswordExpired = "password expired",
        /// Access was closed.
        Closed = "closed",
        /// A refresh token of the session was presented a second time.
        TokenReuse = "refresh token reused",
    }
}

/// How long a session goes on (LG-08).
#[derive(Debug, Clone, Copy)]
pub struct SessionLifetimes {
    /// Since it was last used.
    pub idle: TimeDelta,
    /// Since it began, however much it is used.
    pub absolute: TimeDelta,
}

/// One session, both to insert and as a row.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct Session {
    /// A fresh id (LG-06); the `sid` of its access tokens.
    pub id: SessionId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The account's epoch when it began, or when it set a new password.
    pub session_epoch: i32,
    /// When it began.
    pub created_at: UtcTime,
    /// To the minute.
    pub last_used_at: UtcTime,
    /// What the client called itself.
    pub user_agent: Option<String>,
    /// Its network.
    pub source: Option<String>,
    /// The device it was begun from.
    pub device_id: Option<DeviceId>,
}

/// Starts a session.
pub fn insert(tx: &mut Transaction<'_>, session: &Session) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table).values(session).execute(tx.connection)?;
    Ok(())
}

/// The session of an id, whether or not it has ended.
pub fn find(tx: &mut Transaction<'_>, id: &SessionId) -> Result<Option<Session>, StoreError> {
    Ok(sessions::table.find(id).select(Session::as_select()).first(tx.connection).optional()?)
}

/// Which sessions of an account go on: not ended, within both lifetimes, of the account's present epoch, the account
/// open. The one place that says so.
macro_rules! live {
    ($lifetimes:expr, $now:expr) => {{
        use $crate::store::schema::{accounts, sessions};
        sessions::table
            .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::last_used_at.gt($now - $lifetimes.idle))
            .filter(sessions::created_at.gt($now - $lifetimes.absolute))
            .filter(sessions::session_epoch.eq(accounts::session_epoch))
            .filter(accounts::closed_at.is_null())
    }};
}
pub(super) use live;

/// A session that goes on, with its account.
pub fn find_live(
    tx: &mut Transaction<'_>,
    id: &SessionId,
    lifetimes: SessionLifetimes,
) -> Result<Option<(Session, Account)>, StoreError> {
    Ok(live!(lifetimes, tx.now)
        .filter(sessions::id.eq(id))
        .select((Session::as_select(), Account::as_select()))
        .first(tx.connection)
        .optional()?)
}

/// The sessions of an account that go on, the one used last first.
pub fn list_live_of(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    lifetimes: SessionLifetimes,
) -> Result<Vec<Session>, StoreError> {
    Ok(live!(lifetimes, tx.now)
        .filter(sessions::account_id.eq(account_id))
        .order((sessions::last_used_at.desc(), sessions::id))
        .select(Session::as_select())
        .load(tx.connection)?)
}

/// Notes that it was used.
pub fn set_used(tx: &mut Transaction<'_>, id: &SessionId) -> Result<(), StoreError> {
    update(sessions::table.find(id)).set(sessions::last_used_at.eq(tx.now)).execute(tx.connection)?;
    Ok(())
}

/// Notes which device it is carried on from.
pub fn set_device(tx: &mut Transaction<'_>, id: &SessionId, device: &DeviceId) -> Result<(), StoreError> {
    update(sessions::table.find(id)).set(sessions::device_id.eq(device)).execute(tx.connection)?;
    Ok(())
}

/// Lets a session go on under the epoch that its own new password has begun (CH-05).
pub fn set_epoch(tx: &mut Transaction<'_>, id: &SessionId, session_epoch: i32) -> Result<(), StoreError> {
    update(sessions::table.find(id)).set(sessions::session_epoch.eq(session_epoch)).execute(tx.connection)?;
    Ok(())
}

/// Ends one session. `false` where it had ended before.
pub fn end(tx: &mut Transaction<'_>, id: &SessionId, because: SessionEnd) -> Result<bool, StoreError> {
    let going_on = sessions::table.filter(sessions::id.eq(id)).filter(sessions::ended_at.is_null());
    let rows = update(going_on)
        .set((sessions::ended_at.eq(tx.now), sessions::ended_because.eq(because)))
        .execute(tx.connection)?;
    Ok(rows == 1)
}

/// Ends every session of an account but the one to keep, and names those it ended (CH-04, CH-05).
#[expect(clippy::disallowed_methods, reason = "rows come back")]
pub fn end_all_of(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    keep: Option<&SessionId>,
    because: SessionEnd,
) -> Result<Vec<SessionId>, StoreError> {
    // No session has an empty id.
    let keep = keep.map_or("", SessionId::as_str);
    let going_on = sessions::table
        .filter(sessions::account_id.eq(account_id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(keep));
    Ok(diesel::update(going_on)
        .set((sessions::ended_at.eq(tx.now), sessions::ended_because.eq(because)))
        .returning(sessions::id)
        .get_results(tx.connection)?)
}

/// Sessions that nobody has ended, but their time.
macro_rules! expired {
    ($lifetimes:expr, $now:expr) => {
        sessions::table.filter(sessions::ended_at.is_null()).filter(
            sessions::last_used_at
                .le($now - $lifetimes.idle)
                .or(sessions::created_at.le($now - $lifetimes.absolute)),
        )
    };
}

/// Ends a session whose time is over. `false` where it had ended before, or was used since somebody looked.
pub fn end_expired(
    tx: &mut Transaction<'_>,
    id: &SessionId,
    because: SessionEnd,
    lifetimes: SessionLifetimes,
) -> Result<bool, StoreError> {
    let rows = update(expired!(lifetimes, tx.now).filter(sessions::id.eq(id)))
        .set((sessions::ended_at.eq(tx.now), sessions::ended_because.eq(because)))
        .execute(tx.connection)?;
    Ok(rows == 1)
}

/// Sessions whose time is over and that nobody has ended yet, at most `limit`.
pub fn list_expired(
    tx: &mut Transaction<'_>,
    lifetimes: SessionLifetimes,
    limit: i64,
) -> Result<Vec<Session>, StoreError> {
    Ok(expired!(lifetimes, tx.now)
        .order(sessions::last_used_at)
        .limit(limit)
        .select(Session::as_select())
        .load(tx.connection)?)
}

/// At most `limit` sessions that had ended before `ended_before`.
pub fn list_ended(
    tx: &mut Transaction<'_>,
    ended_before: UtcTime,
    limit: i64,
) -> Result<Vec<SessionId>, StoreError> {
    Ok(sessions::table
        .filter(sessions::ended_at.lt(ended_before))
        .order(sessions::ended_at)
        .limit(limit)
        .select(sessions::id)
        .load(tx.connection)?)
}

/// Forgets sessions, whose refresh tokens must be forgotten before.
pub fn delete(tx: &mut Transaction<'_>, ids: &[SessionId]) -> Result<(), StoreError> {
    diesel::delete(sessions::table.filter(sessions::id.eq_any(ids))).execute(tx.connection)?;
    Ok(())
}
