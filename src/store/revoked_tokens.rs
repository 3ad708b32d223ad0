//! Access tokens of machine clients that were revoked before they expired (RFC 7009).

use diesel::prelude::*;

use super::{
    engine::{Age, AnyConnection, OldRows, StoreError, Transaction},
    schema::revoked_tokens,
};
use crate::types::UtcTime;

/// Inserts a token by its `jti`. Returns `false` where it was revoked before.
pub fn insert(tx: &mut Transaction<'_>, jti: &str, expires_at: UtcTime) -> Result<bool, StoreError> {
    let token = (revoked_tokens::jti.eq(jti), revoked_tokens::expires_at.eq(expires_at));
    let insert = diesel::insert_into(revoked_tokens::table).values(token);
    let inserted = match tx.connection {
        AnyConnection::Sqlite(connection) => insert.on_conflict_do_nothing().execute(connection)?,
        AnyConnection::Postgres(connection) => insert.on_conflict_do_nothing().execute(connection)?,
    };
    Ok(inserted == 1)
}

/// Tokens, by the time from which they are refused for their age.
pub const TOKENS: OldRows =
    OldRows { table: "revoked_tokens", key: "jti", age: Age::Time("expires_at"), condition: "" };
