//! Refresh tokens. The table holds the hash of a token, and the random id that it is derived from with the secret key
//! (JW-09).

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, update},
    schema::refresh_tokens,
};
use crate::types::{RefreshTokenHash, RefreshTokenId, SessionId, UtcTime};

/// One token, both to insert and as a row.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub struct RefreshTokenRow {
    /// The hash of the token.
    pub token_hash: RefreshTokenHash,
    /// The session that the token continues.
    pub session_id: SessionId,
    /// The number of the token within its session, counted up from 1.
    pub generation: i32,
    /// When the token was issued.
    pub created_at: UtcTime,
    /// When the token was exchanged for its successor.
    pub used_at: Option<UtcTime>,
    /// The random id that the token is derived from; `None` where the release before has made the token.
    pub token_id: Option<RefreshTokenId>,
    /// The secret key that the token is derived with.
    pub secret_key_id: Option<String>,
    /// The `User-Agent` of the exchange, empty where it had none; `None` where the token was not exchanged, or by the
    /// release before.
    pub used_by: Option<String>,
    /// The network of the exchange, shortened.
    pub used_from: Option<String>,
    /// How often the successor was handed out again.
    pub reissues: i32,
    /// When it was last handed out again.
    pub reissued_at: Option<UtcTime>,
    /// Whether it was handed out again to another network than that of the exchange.
    pub reissued_elsewhere: bool,
}

/// Who exchanges a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchanger {
    /// The `User-Agent`, empty where the call has none.
    pub user_agent: String,
    /// The network, shortened.
    pub network: Option<String>,
}

/// Inserts a token.
pub fn insert(tx: &mut Transaction<'_>, token: &RefreshTokenRow) -> Result<(), StoreError> {
    diesel::insert_into(refresh_tokens::table).values(token).execute(tx.connection)?;
    Ok(())
}

/// Finds the row of a presented token.
pub fn find(
    tx: &mut Transaction<'_>,
    token_hash: &RefreshTokenHash,
) -> Result<Option<RefreshTokenRow>, StoreError> {
    Ok(refresh_tokens::table
        .find(token_hash)
        .select(RefreshTokenRow::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Consumes a token by an exchange. Returns `false` where it was used before: of any number of calls, one gets `true`
/// (JW-10).
pub fn consume(
    tx: &mut Transaction<'_>,
    token_hash: &RefreshTokenHash,
    by: &Exchanger,
) -> Result<bool, StoreError> {
    let unused = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .filter(refresh_tokens::used_at.is_null());
    let used = (
        refresh_tokens::used_at.eq(tx.now),
        refresh_tokens::used_by.eq(&by.user_agent),
        refresh_tokens::used_from.eq(&by.network),
    );
    Ok(update(unused).set(used).execute(tx.connection)? == 1)
}

/// Stores that the successor of a token is handed out again now.
pub fn set_reissued(
    tx: &mut Transaction<'_>,
    token: &RefreshTokenRow,
    is_elsewhere: bool,
) -> Result<(), StoreError> {
    let reissued = (
        refresh_tokens::reissues.eq(token.reissues + 1),
        refresh_tokens::reissued_at.eq(tx.now),
        refresh_tokens::reissued_elsewhere.eq(token.reissued_elsewhere || is_elsewhere),
    );
    update(refresh_tokens::table.find(&token.token_hash)).set(reissued).execute(tx.connection)?;
    Ok(())
}

/// Counts how often tokens of a session were handed out again since a time. What was handed out again for one exchange
/// counts at the last time of it.
pub fn count_reissues(tx: &mut Transaction<'_>, session_id: &SessionId, since: UtcTime) -> Result<i64, StoreError> {
    let count: Option<i64> = refresh_tokens::table
        .filter(refresh_tokens::session_id.eq(session_id))
        .filter(refresh_tokens::reissued_at.gt(since))
        .select(diesel::dsl::sum(refresh_tokens::reissues))
        .first(tx.connection)?;
    Ok(count.unwrap_or(0))
}

/// Consumes every token of a session that is not used yet, without an exchange: none of them brings a successor again.
pub fn consume_all_of(tx: &mut Transaction<'_>, session_id: &SessionId) -> Result<(), StoreError> {
    let unused = refresh_tokens::table
        .filter(refresh_tokens::session_id.eq(session_id))
        .filter(refresh_tokens::used_at.is_null());
    update(unused).set(refresh_tokens::used_at.eq(tx.now)).execute(tx.connection)?;
    Ok(())
}

/// Finds the generation of a session's newest token; 0 where it has none.
pub fn newest_generation(tx: &mut Transaction<'_>, session_id: &SessionId) -> Result<i32, StoreError> {
    let newest: Option<i32> = refresh_tokens::table
        .filter(refresh_tokens::session_id.eq(session_id))
        .select(diesel::dsl::max(refresh_tokens::generation))
        .first(tx.connection)?;
    Ok(newest.unwrap_or(0))
}

/// Finds the newest token of a session.
pub fn find_newest(
    tx: &mut Transaction<'_>,
    session_id: &SessionId,
) -> Result<Option<RefreshTokenRow>, StoreError> {
    Ok(refresh_tokens::table
        .filter(refresh_tokens::session_id.eq(session_id))
        .order(refresh_tokens::generation.desc())
        .select(RefreshTokenRow::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Finds the token of a session with this number.
pub fn find_generation(
    tx: &mut Transaction<'_>,
    session_id: &SessionId,
    generation: i32,
) -> Result<Option<RefreshTokenRow>, StoreError> {
    Ok(refresh_tokens::table
        .filter(refresh_tokens::session_id.eq(session_id))
        .filter(refresh_tokens::generation.eq(generation))
        .select(RefreshTokenRow::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Deletes at most `most` tokens of sessions, and returns how many there were. A session of a month has thousands.
pub fn delete_some_of(tx: &mut Transaction<'_>, sessions: &[SessionId], most: i64) -> Result<usize, StoreError> {
    let theirs = refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(sessions));
    let some: Vec<RefreshTokenHash> = theirs.select(refresh_tokens::token_hash).limit(most).load(tx.connection)?;
    Ok(diesel::delete(refresh_tokens::table.filter(refresh_tokens::token_hash.eq_any(some)))
        .execute(tx.connection)?)
}
