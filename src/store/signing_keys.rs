//! The keys that sign access tokens. The table holds private keys in sealed form alone.

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, update},
    schema::signing_keys,
};
use crate::types::UtcTime;

/// One key, both to insert and as a row.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
pub struct SigningKeyRow {
    /// The id, which is the `kid` of a token.
    pub id: String,
    /// The number of the key, counted up. Of the keys whose `signs_from` has passed, the one with the highest signs.
    pub generation: i32,
    /// The algorithm by its JWA name, such as `ES256`.
    pub algorithm: String,
    /// The secret key that the private key is sealed with.
    pub secret_key_id: String,
    /// The private key as PKCS #8 DER, sealed.
    pub sealed_private_key: String,
    /// When the key was made and published.
    pub created_at: UtcTime,
    /// When the key begins to sign.
    pub signs_from: UtcTime,
}

/// Lists all keys, the newest first.
pub fn list(tx: &mut Transaction<'_>) -> Result<Vec<SigningKeyRow>, StoreError> {
    Ok(signing_keys::table
        .order(signing_keys::generation.desc())
        .select(SigningKeyRow::as_select())
        .load(tx.connection)?)
}

/// Stores a private key that is sealed with another secret key.
pub fn set_sealed(
    tx: &mut Transaction<'_>,
    id: &str,
    secret_key_id: &str,
    sealed_private_key: &str,
) -> Result<(), StoreError> {
    update(signing_keys::table.find(id))
        .set((
            signing_keys::secret_key_id.eq(secret_key_id),
            signing_keys::sealed_private_key.eq(sealed_private_key),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Inserts a key. Fails with a unique violation where another instance made this generation first.
pub fn insert(tx: &mut Transaction<'_>, key: &SigningKeyRow) -> Result<(), StoreError> {
    diesel::insert_into(signing_keys::table).values(key).execute(tx.connection)?;
    Ok(())
}

/// Deletes the keys of this generation and of earlier ones.
pub fn delete_up_to(tx: &mut Transaction<'_>, generation: i32) -> Result<usize, StoreError> {
    Ok(diesel::delete(signing_keys::table.filter(signing_keys::generation.le(generation)))
        .execute(tx.connection)?)
}
