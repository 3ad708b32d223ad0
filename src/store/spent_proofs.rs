//! Proofs of work that were used, so that no proof is accepted twice.

use diesel::prelude::*;

use super::{
    engine::{AnyConnection, StoreError, Transaction},
    schema::spent_proofs,
};
use crate::types::UtcTime;

/// Consumes a proof. Returns `false` where it was used before.
pub fn consume(tx: &mut Transaction<'_>, id: &str, expires_at: UtcTime) -> Result<bool, StoreError> {
    let proof = (spent_proofs::id.eq(id), spent_proofs::expires_at.eq(expires_at));
    let inserted = match tx.connection {
        AnyConnection::Sqlite(connection) => {
            diesel::insert_into(spent_proofs::table).values(proof).on_conflict_do_nothing().execute(connection)?
        }
        AnyConnection::Postgres(connection) => {
            diesel::insert_into(spent_proofs::table).values(proof).on_conflict_do_nothing().execute(connection)?
        }
    };
    Ok(inserted == 1)
}

/// Deletes the proofs that are refused for their age.
pub fn delete_expired(tx: &mut Transaction<'_>) -> Result<usize, StoreError> {
    Ok(diesel::delete(spent_proofs::table.filter(spent_proofs::expires_at.le(tx.now))).execute(tx.connection)?)
}
