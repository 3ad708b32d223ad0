//! Accounts with a fast hash of another system, which argon2id is to protect (PW-11).

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, update},
    schema::{accounts, hashes_to_wrap},
};
use crate::types::{AccountId, UtcTime};

/// A row to be made.
#[derive(Insertable)]
#[diesel(table_name = hashes_to_wrap, treat_none_as_default_value = false)]
pub struct NewHashToWrap {
    /// The account, which has a fast hash.
    pub account_id: AccountId,
    /// When the hash was imported.
    pub imported_at: UtcTime,
}

/// An account that waits, with its present hash; `None` where the account has none, or is gone.
#[derive(Queryable)]
pub struct ToWrap {
    /// The account.
    pub account_id: AccountId,
    /// Its hash, which may be another one by now.
    pub password_hash: Option<String>,
}

/// Lists at most `limit` accounts that wait, the oldest first.
pub fn list(tx: &mut Transaction<'_>, limit: i64) -> Result<Vec<ToWrap>, StoreError> {
    Ok(hashes_to_wrap::table
        .left_join(accounts::table.on(accounts::id.eq(hashes_to_wrap::account_id)))
        .order(hashes_to_wrap::imported_at)
        .limit(limit)
        .select((hashes_to_wrap::account_id, accounts::password_hash.nullable()))
        .load(tx.connection)?)
}

/// Stores a wrapped hash in the place of the bare one, unless the account has another hash by now.
pub fn set_wrapped(
    tx: &mut Transaction<'_>,
    id: &AccountId,
    bare: &str,
    wrapped: &str,
    cost: &str,
) -> Result<(), StoreError> {
    let unchanged = accounts::table.filter(accounts::id.eq(id)).filter(accounts::password_hash.eq(bare));
    update(unchanged)
        .set((accounts::password_hash.eq(wrapped), accounts::password_cost.eq(cost)))
        .execute(tx.connection)?;
    Ok(())
}

/// Takes an account off the list.
pub fn delete(tx: &mut Transaction<'_>, id: &AccountId) -> Result<(), StoreError> {
    diesel::delete(hashes_to_wrap::table.find(id)).execute(tx.connection)?;
    Ok(())
}
