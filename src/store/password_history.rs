//! The earlier passwords of accounts, as Argon2id hashes. The policy says how many are kept.

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction},
    schema::password_history,
};
use crate::types::{AccountId, PasswordHistoryId, UtcTime};

#[derive(Insertable)]
#[diesel(table_name = password_history, treat_none_as_default_value = false)]
struct NewEntry<'a> {
    id: PasswordHistoryId,
    account_id: &'a AccountId,
    password_hash: &'a str,
    replaced_at: UtcTime,
}

/// Appends a hash that is being replaced, and deletes all but the newest `kept`.
pub fn append_and_trim(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    password_hash: Option<&str>,
    kept: i64,
) -> Result<(), StoreError> {
    if let Some(password_hash) = password_hash {
        let entry = NewEntry { id: PasswordHistoryId::mint(), account_id, password_hash, replaced_at: tx.now };
        diesel::insert_into(password_history::table).values(&entry).execute(tx.connection)?;
    }
    let ids: Vec<PasswordHistoryId> = password_history::table
        .filter(password_history::account_id.eq(account_id))
        .order((password_history::replaced_at.desc(), password_history::id))
        .select(password_history::id)
        .load(tx.connection)?;
    for id in ids.into_iter().skip(usize::try_from(kept).unwrap_or(0)) {
        diesel::delete(password_history::table.find(id)).execute(tx.connection)?;
    }
    Ok(())
}

/// Lists the last hashes before the present one, the newest first.
pub fn list_recent(tx: &mut Transaction<'_>, account_id: &AccountId, most: i64) -> Result<Vec<String>, StoreError> {
    Ok(password_history::table
        .filter(password_history::account_id.eq(account_id))
        .order((password_history::replaced_at.desc(), password_history::id))
        .limit(most)
        .select(password_history::password_hash)
        .load(tx.connection)?)
}
