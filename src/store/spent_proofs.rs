//! Proofs of work that were used, so that no proof is accepted twice.

use diesel::prelude::*;

use super::{
    engine::{Age, AnyConnection, OldRows, StoreError, Transaction},
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

/// Proofs, by the time from which they are refused for their age.
pub const PROOFS: OldRows =
    OldRows { table: "spent_proofs", key: "id", age: Age::Time("expires_at"), condition: "" };
