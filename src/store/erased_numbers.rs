//! Customer numbers whose account was erased lately, by a keyed hash: nobody reads a number from them (AD-05).

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, lock_key, update},
    schema::erased_numbers,
};
use crate::types::UtcTime;

/// Stores that the account of a number is erased now.
pub fn set(tx: &mut Transaction<'_>, number_key: &str) -> Result<(), StoreError> {
    lock_key(tx, "erased_numbers", number_key)?;
    let erased_at = erased_numbers::erased_at.eq(tx.now);
    if update(erased_numbers::table.find(number_key)).set(erased_at).execute(tx.connection)? == 0 {
        let first = (erased_numbers::number_key.eq(number_key), erased_at);
        diesel::insert_into(erased_numbers::table).values(first).execute(tx.connection)?;
    }
    Ok(())
}

/// Finds when the account of a number was last erased. `number_keys` are the hashes of the number under each secret key.
pub fn find(tx: &mut Transaction<'_>, number_keys: &[String]) -> Result<Option<UtcTime>, StoreError> {
    let theirs = erased_numbers::table.filter(erased_numbers::number_key.eq_any(number_keys));
    Ok(theirs
        .order(erased_numbers::erased_at.desc())
        .select(erased_numbers::erased_at)
        .first(tx.connection)
        .optional()?)
}

/// Lists which of the hashes are of a number whose account was erased after `since`.
pub fn list_since(
    tx: &mut Transaction<'_>,
    number_keys: &[String],
    since: UtcTime,
) -> Result<Vec<String>, StoreError> {
    Ok(erased_numbers::table
        .filter(erased_numbers::number_key.eq_any(number_keys))
        .filter(erased_numbers::erased_at.gt(since))
        .select(erased_numbers::number_key)
        .load(tx.connection)?)
}

/// Erased numbers, by the time of the erasure.
pub const NUMBERS: OldRows =
    OldRows { table: "erased_numbers", key: "number_key", age: Age::Time("erased_at"), condition: "" };
