//! Refresh tokens. The table holds the hash of a token alone (JW-09).

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, update},
    schema::refresh_tokens,
};
use crate::types::{RefreshTokenHash, SessionId, UtcTime};

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

/// Consumes a token. Returns `false` where it was used before: of any number of calls, one gets `true` (JW-10).
pub fn consume(tx: &mut Transaction<'_>, token_hash: &RefreshTokenHash) -> Result<bool, StoreError> {
    let unused = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .filter(refresh_tokens::used_at.is_null());
    Ok(update(unused).set(refresh_tokens::used_at.eq(tx.now)).execute(tx.connection)? == 1)
}

/// Consumes every token of a session that is not used yet.
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

/// Deletes the tokens of sessions.
pub fn delete_of(tx: &mut Transaction<'_>, sessions: &[SessionId]) -> Result<(), StoreError> {
    let theirs = refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(sessions));
    diesel::delete(theirs).execute(tx.connection)?;
    Ok(())
}
