//! When the suppressions of addresses were last lifted by a person. A delivery event that reports an earlier bounce
//! comes too late to suppress the address again (WH-04).

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, update},
    schema::suppression_liftings,
};
use crate::types::{EmailAddress, UtcTime};

/// Stores that the suppression of an address is lifted now. The caller holds the lock of the address.
pub fn set(tx: &mut Transaction<'_>, address: &EmailAddress) -> Result<(), StoreError> {
    let address = address.canonical();
    let lifted_at = suppression_liftings::lifted_at.eq(tx.now);
    if update(suppression_liftings::table.find(&address)).set(lifted_at).execute(tx.connection)? == 0 {
        let first = (suppression_liftings::address.eq(&address), lifted_at);
        diesel::insert_into(suppression_liftings::table).values(first).execute(tx.connection)?;
    }
    Ok(())
}

/// Finds when the suppression of an address was last lifted.
pub fn find(tx: &mut Transaction<'_>, address: &EmailAddress) -> Result<Option<UtcTime>, StoreError> {
    let lifted = suppression_liftings::table.find(address.canonical());
    Ok(lifted.select(suppression_liftings::lifted_at).first(tx.connection).optional()?)
}

/// Liftings, by their time.
pub const LIFTINGS: OldRows =
    OldRows { table: "suppression_liftings", key: "address", age: Age::Time("lifted_at"), condition: "" };
