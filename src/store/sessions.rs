//! The sessions of signed-in customers.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{
    accounts::Account,
    engine::{Age, OldRows, StoreError, Transaction, update},
    events::{self, NewEvent},
    schema::sessions,
};
use crate::types::{
    AccountId, DeviceId, SessionId, UtcTime, text_enum,
    told::{SessionEndReason, SessionEndedData},
};

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
        /// The access was locked down.
        LockedDown = "locked down",
        /// Support ended every session for the owner.
        BySupport = "by support",
        /// Access was closed.
        Closed = "closed",
        /// The account was erased.
        Erased = "erased",
        /// An operator ended everything that was handed out, after a backup was restored or a key had leaked.
        Epoch = "new epoch",
        /// A refresh token of the session was presented a second time.
        TokenReuse = "refresh token reused",
    }
}

impl SessionEnd {
    /// The reason as other systems are told it.
    #[must_use]
    pub const fn told(self) -> SessionEndReason {
        match self {
            Self::ByCustomer => SessionEndReason::SignedOut,
            Self::Idle => SessionEndReason::Idle,
            Self::TooOld => SessionEndReason::TooOld,
            Self::TooMany => SessionEndReason::TooMany,
            Self::Reset => SessionEndReason::PasswordReset,
            Self::Change => SessionEndReason::PasswordChanged,
            Self::PasswordExpired => SessionEndReason::PasswordExpired,
            Self::LockedDown => SessionEndReason::LockedDown,
            Self::BySupport => SessionEndReason::BySupport,
            Self::Erased => SessionEndReason::AccountErased,
            Self::Closed => SessionEndReason::AccountClosed,
            Self::Epoch => SessionEndReason::NewEpoch,
            Self::TokenReuse => SessionEndReason::TokenReused,
        }
    }
}

/// How long a session lives (LG-08).
#[derive(Debug, Clone, Copy)]
pub struct SessionLifetimes {
    /// The longest time between two uses.
    pub idle: TimeDelta,
    /// The longest time since the session began, however much it is used.
    pub absolute: TimeDelta,
}

/// One session, both to insert and as a row.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct Session {
    /// The id, which is new at each sign-in (LG-06) and the `sid` of the access tokens.
    pub id: SessionId,
    /// The account that is signed in.
    pub account_id: AccountId,
    /// The epoch of the account when the session began, or when the session set a new password.
    pub session_epoch: i32,
    /// When the session began.
    pub created_at: UtcTime,
    /// When the session was last used, to the minute.
    pub last_used_at: UtcTime,
    /// The `User-Agent` at the sign-in.
    pub user_agent: Option<String>,
    /// The network of the sign-in.
    pub source: Option<String>,
    /// The device of the session.
    pub device_id: Option<DeviceId>,
}

/// Inserts a session.
pub fn insert(tx: &mut Transaction<'_>, session: &Session) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table).values(session).execute(tx.connection)?;
    Ok(())
}

/// Finds a session by its id, ended or not.
pub fn find(tx: &mut Transaction<'_>, id: &SessionId) -> Result<Option<Session>, StoreError> {
    Ok(sessions::table.find(id).select(Session::as_select()).first(tx.connection).optional()?)
}

/// Selects the live sessions: not ended, within both lifetimes, of the present epoch of an account that is open. No
/// other place says what is live.
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

/// Finds a live session by its id, with its account.
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

/// Lists the live sessions of an account, the one used last first.
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

/// Lists the sessions of an account that have one of these ids, ended or not.
pub fn list_of_ids(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    ids: &[SessionId],
) -> Result<Vec<Session>, StoreError> {
    let theirs = sessions::table.filter(sessions::id.eq_any(ids)).filter(sessions::account_id.eq(account_id));
    Ok(theirs.select(Session::as_select()).load(tx.connection)?)
}

/// Stores that a session is used now.
pub fn set_used(tx: &mut Transaction<'_>, id: &SessionId) -> Result<(), StoreError> {
    update(sessions::table.find(id)).set(sessions::last_used_at.eq(tx.now)).execute(tx.connection)?;
    Ok(())
}

/// Stores the device of a session.
pub fn set_device(tx: &mut Transaction<'_>, id: &SessionId, device: &DeviceId) -> Result<(), StoreError> {
    update(sessions::table.find(id)).set(sessions::device_id.eq(device)).execute(tx.connection)?;
    Ok(())
}

/// Moves a session to the epoch that its own new password started, so that it stays live (CH-05).
pub fn set_epoch(tx: &mut Transaction<'_>, id: &SessionId, session_epoch: i32) -> Result<(), StoreError> {
    update(sessions::table.find(id)).set(sessions::session_epoch.eq(session_epoch)).execute(tx.connection)?;
    Ok(())
}

/// Ends the sessions of a query that have not ended, tells it of each of them, and returns their ids. No other place stores
/// the end of a session, so none ends untold.
macro_rules! end_sessions {
    ($tx:ident, $which:expr, $because:expr) => {{
        let (tx, because): (&mut Transaction<'_>, SessionEnd) = ($tx, $because);
        #[expect(clippy::disallowed_methods, reason = "rows come back")]
        let ended: Vec<(SessionId, AccountId)> = diesel::update($which.filter(sessions::ended_at.is_null()))
            .set((sessions::ended_at.eq(tx.now), sessions::ended_because.eq(because)))
            .returning((sessions::id, sessions::account_id))
            .get_results(tx.connection)?;
        tell_of_ends(tx, &ended, because)?;
        ended.into_iter().map(|(id, _)| id).collect::<Vec<SessionId>>()
    }};
}

fn tell_of_ends(
    tx: &mut Transaction<'_>,
    ended: &[(SessionId, AccountId)],
    because: SessionEnd,
) -> Result<(), StoreError> {
    let told = ended.iter().map(|(id, account_id)| {
        let data = SessionEndedData::new(account_id.clone(), id.clone(), because.told());
        NewEvent::of(&data.into(), tx.now)
    });
    let told: Vec<NewEvent> = told.collect::<Result<_, _>>()?;
    events::insert(tx, &told)
}

/// Ends a session. Returns `false` where it had ended before.
pub fn end(tx: &mut Transaction<'_>, id: &SessionId, because: SessionEnd) -> Result<bool, StoreError> {
    let ended = end_sessions!(tx, sessions::table.filter(sessions::id.eq(id)), because);
    Ok(!ended.is_empty())
}

/// Ends every session of an account but the one to keep, and returns the ids of those it ended (CH-04, CH-05).
pub fn end_all_of(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    keep: Option<&SessionId>,
    because: SessionEnd,
) -> Result<Vec<SessionId>, StoreError> {
    // No session has an empty id, so an empty one keeps no session.
    let keep = keep.map_or("", SessionId::as_str);
    let theirs = sessions::table.filter(sessions::account_id.eq(account_id)).filter(sessions::id.ne(keep));
    Ok(end_sessions!(tx, theirs, because))
}

/// Ends a session whose lifetime is over. Returns `false` where it had ended before, or was used since it was listed.
pub fn end_expired(
    tx: &mut Transaction<'_>,
    id: &SessionId,
    because: SessionEnd,
    lifetimes: SessionLifetimes,
) -> Result<bool, StoreError> {
    let is_over =
        sessions::last_used_at.le(tx.now - lifetimes.idle).or(sessions::created_at.le(tx.now - lifetimes.absolute));
    let ended = end_sessions!(tx, sessions::table.filter(sessions::id.eq(id)).filter(is_over), because);
    Ok(!ended.is_empty())
}

/// Ends at most `most` sessions that go on, whosever they are, and returns how many (DP-07).
pub fn end_any(tx: &mut Transaction<'_>, most: i64, because: SessionEnd) -> Result<usize, StoreError> {
    let live: Vec<SessionId> = sessions::table
        .filter(sessions::ended_at.is_null())
        .order(sessions::last_used_at)
        .limit(most)
        .select(sessions::id)
        .load(tx.connection)?;
    Ok(end_sessions!(tx, sessions::table.filter(sessions::id.eq_any(live)), because).len())
}

/// Sessions that go on, by their last use.
pub const LIVE_BY_USE: OldRows =
    OldRows { table: "sessions", key: "id", age: Age::Time("last_used_at"), condition: "ended_at IS NULL" };
/// Sessions that go on, by their beginning.
pub const LIVE_BY_BEGINNING: OldRows =
    OldRows { table: "sessions", key: "id", age: Age::Time("created_at"), condition: "ended_at IS NULL" };
/// Sessions that have ended, by their end.
pub const ENDED: OldRows =
    OldRows { table: "sessions", key: "id", age: Age::Time("ended_at"), condition: "ended_at IS NOT NULL" };

/// Whether the lifetime of a session is over that is not ended yet.
pub fn are_expired(tx: &mut Transaction<'_>, lifetimes: SessionLifetimes) -> Result<bool, StoreError> {
    let (idle, too_old) = (tx.now - lifetimes.idle, tx.now - lifetimes.absolute);
    Ok(LIVE_BY_USE.are_there(tx, idle)? || LIVE_BY_BEGINNING.are_there(tx, too_old)?)
}

/// Lists sessions whose lifetime is over and that are not ended yet: at most `limit` that were not used, and as many that
/// are too old.
pub fn list_expired(
    tx: &mut Transaction<'_>,
    lifetimes: SessionLifetimes,
    limit: i64,
) -> Result<Vec<Session>, StoreError> {
    let (idle, too_old) = (tx.now - lifetimes.idle, tx.now - lifetimes.absolute);
    let mut ids = LIVE_BY_USE.list(tx, idle, limit)?;
    ids.extend(LIVE_BY_BEGINNING.list(tx, too_old, limit)?);
    let expired = sessions::table.filter(sessions::id.eq_any(ids));
    Ok(expired.select(Session::as_select()).load(tx.connection)?)
}

/// Locks at most `most` sessions that ended before a time, and lists them.
pub fn lock_ended(
    tx: &mut Transaction<'_>,
    ended_before: UtcTime,
    most: i64,
) -> Result<Vec<SessionId>, StoreError> {
    Ok(ENDED.lock(tx, ended_before, most)?.into_iter().map(SessionId::from_text).collect())
}

/// Deletes sessions. Their refresh tokens must be deleted before.
pub fn delete(tx: &mut Transaction<'_>, ids: &[SessionId]) -> Result<(), StoreError> {
    diesel::delete(sessions::table.filter(sessions::id.eq_any(ids))).execute(tx.connection)?;
    Ok(())
}
