//! The sessions of the support page. The table holds the hash of a token alone.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, update},
    schema::support_sessions,
};
use crate::types::{ClientId, PageSessionTokenHash, UtcTime};

/// The longest time between two uses of a session.
const IDLE: TimeDelta = TimeDelta::minutes(30);
/// The longest time since a session began, however much it is used.
pub const LIFETIME: TimeDelta = TimeDelta::hours(8);

/// One session, both to insert and as a row.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = support_sessions)]
pub struct SupportSession {
    /// The hash of the token that the browser keeps.
    pub token_hash: PageSessionTokenHash,
    /// The client of the person who is signed in.
    pub client_id: ClientId,
    /// When the session began.
    pub started_at: UtcTime,
    /// When the session was last used.
    pub last_used_at: UtcTime,
}

/// Inserts a session.
pub fn insert(tx: &mut Transaction<'_>, session: &SupportSession) -> Result<(), StoreError> {
    diesel::insert_into(support_sessions::table).values(session).execute(tx.connection)?;
    Ok(())
}

/// Finds the session of a token by its hash, while it is within both lifetimes.
pub fn find_live(tx: &mut Transaction<'_>, token_hash: &str) -> Result<Option<SupportSession>, StoreError> {
    Ok(support_sessions::table
        .find(token_hash)
        .filter(support_sessions::last_used_at.gt(tx.now - IDLE))
        .filter(support_sessions::started_at.gt(tx.now - LIFETIME))
        .select(SupportSession::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Stores that a session is used now. Returns `false` where it has ended: a sign-out may have come first.
pub fn set_used(tx: &mut Transaction<'_>, token_hash: &PageSessionTokenHash) -> Result<bool, StoreError> {
    let session = support_sessions::table
        .find(token_hash)
        .filter(support_sessions::last_used_at.gt(tx.now - IDLE))
        .filter(support_sessions::started_at.gt(tx.now - LIFETIME));
    Ok(update(session).set(support_sessions::last_used_at.eq(tx.now)).execute(tx.connection)? == 1)
}

/// Deletes the session of a token. Returns `false` where there is none.
pub fn delete(tx: &mut Transaction<'_>, token_hash: &PageSessionTokenHash) -> Result<bool, StoreError> {
    Ok(diesel::delete(support_sessions::table.find(token_hash)).execute(tx.connection)? == 1)
}

/// Deletes every session of a client.
pub fn delete_of_client(tx: &mut Transaction<'_>, client: &ClientId) -> Result<(), StoreError> {
    let sessions = support_sessions::table.filter(support_sessions::client_id.eq(client));
    diesel::delete(sessions).execute(tx.connection)?;
    Ok(())
}

/// Deletes at most `most` sessions, the oldest first, and returns how many.
pub fn delete_some(tx: &mut Transaction<'_>, most: i64) -> Result<usize, StoreError> {
    let tokens: Vec<PageSessionTokenHash> = support_sessions::table
        .order(support_sessions::started_at)
        .limit(most)
        .select(support_sessions::token_hash)
        .load(tx.connection)?;
    let sessions = support_sessions::table.filter(support_sessions::token_hash.eq_any(tokens));
    Ok(diesel::delete(sessions).execute(tx.connection)?)
}

/// Sessions, by the time at which they began.
pub const SESSIONS: OldRows =
    OldRows { table: "support_sessions", key: "token_hash", age: Age::Time("started_at"), condition: "" };
