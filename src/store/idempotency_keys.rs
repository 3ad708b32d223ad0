//! Calls with an `Idempotency-Key`, and the answers that are repeated for it (AP-10).

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, lock_key, update},
    schema::idempotency_keys,
};
use crate::types::{AccountId, UtcTime};

/// A row of the table.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
pub struct IdempotentCall {
    /// A keyed hash of the client, the operation and the key.
    pub id: String,
    /// A keyed hash of the body.
    pub fingerprint: String,
    /// Until when the call is taken to be in flight, while there is no answer.
    pub lease_until: UtcTime,
    /// The secret key that the answer is sealed with.
    pub secret_key_id: Option<String>,
    /// The sealed answer; `None` while there is none.
    pub sealed_answer: Option<String>,
}

/// A call to be inserted.
#[derive(Debug, Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
pub struct NewIdempotentCall<'a> {
    /// A keyed hash of the client, the operation and the key.
    pub id: &'a str,
    /// A keyed hash of the body.
    pub fingerprint: &'a str,
    /// When the call came.
    pub created_at: UtcTime,
    /// Until when the call is taken to be in flight.
    pub lease_until: UtcTime,
}

/// Locks a call until the transaction ends, whether or not it is stored.
pub fn lock(tx: &mut Transaction<'_>, id: &str) -> Result<(), StoreError> {
    lock_key(tx, "idempotency_keys", id)
}

/// Finds a call under any of its ids.
pub fn find(tx: &mut Transaction<'_>, ids: &[String]) -> Result<Option<IdempotentCall>, StoreError> {
    let theirs = idempotency_keys::table.filter(idempotency_keys::id.eq_any(ids));
    Ok(theirs.select(IdempotentCall::as_select()).first(tx.connection).optional()?)
}

/// Inserts a call that is locked and not stored.
pub fn insert(tx: &mut Transaction<'_>, call: &NewIdempotentCall<'_>) -> Result<(), StoreError> {
    diesel::insert_into(idempotency_keys::table).values(call).execute(tx.connection)?;
    Ok(())
}

/// Takes a call over whose lease has ended without an answer, or whose lease is to be another.
pub fn set_lease(tx: &mut Transaction<'_>, id: &str, lease_until: UtcTime) -> Result<(), StoreError> {
    update(idempotency_keys::table.find(id))
        .set(idempotency_keys::lease_until.eq(lease_until))
        .execute(tx.connection)?;
    Ok(())
}

/// Stores the sealed answer of a call, and the account that it is about. Returns `false` and stores nothing where the
/// lease is not held any more.
pub fn set_answer(
    tx: &mut Transaction<'_>,
    held: (&str, UtcTime),
    (secret_key_id, sealed): (&str, &str),
    account_id: Option<&AccountId>,
) -> Result<bool, StoreError> {
    let (id, lease_until) = held;
    let open = idempotency_keys::table
        .filter(idempotency_keys::id.eq(id))
        .filter(idempotency_keys::lease_until.eq(lease_until))
        .filter(idempotency_keys::sealed_answer.is_null());
    let rows = update(open)
        .set((
            idempotency_keys::secret_key_id.eq(secret_key_id),
            idempotency_keys::sealed_answer.eq(sealed),
            idempotency_keys::account_id.eq(account_id),
        ))
        .execute(tx.connection)?;
    Ok(rows == 1)
}

/// Deletes a call that has come to no answer, where its lease is held.
pub fn release(tx: &mut Transaction<'_>, id: &str, lease_until: UtcTime) -> Result<(), StoreError> {
    let open = idempotency_keys::table
        .filter(idempotency_keys::id.eq(id))
        .filter(idempotency_keys::lease_until.eq(lease_until))
        .filter(idempotency_keys::sealed_answer.is_null());
    diesel::delete(open).execute(tx.connection)?;
    Ok(())
}

/// Deletes the calls whose answers are about an account.
pub fn delete_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<(), StoreError> {
    let theirs = idempotency_keys::table.filter(idempotency_keys::account_id.eq(account_id));
    diesel::delete(theirs).execute(tx.connection)?;
    Ok(())
}

/// Calls, by their time.
pub const CALLS: OldRows =
    OldRows { table: "idempotency_keys", key: "id", age: Age::Time("created_at"), condition: "" };
