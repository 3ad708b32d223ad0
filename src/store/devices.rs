//! Devices that have signed in before: of each token only the hash.

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, update},
    schema::devices,
};
use crate::types::{AccountId, DeviceId, DeviceTokenHash, UtcTime};

/// One device, both to insert and as a row.
#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = devices, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Device {
    /// The token is derived from it.
    pub id: DeviceId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Under which secret key the token is derived.
    pub secret_key_id: String,
    /// Of the token.
    pub token_hash: DeviceTokenHash,
    /// What the client called itself.
    pub user_agent: Option<String>,
    /// Its network.
    pub source: Option<String>,
    /// When it first signed in.
    pub created_at: UtcTime,
    /// When it last did.
    pub last_used_at: UtcTime,
}

/// Remembers a device, or what has changed of one that is known.
pub fn put(tx: &mut Transaction<'_>, device: &Device, is_known: bool) -> Result<(), StoreError> {
    if is_known {
        update(devices::table.find(&device.id)).set(device).execute(tx.connection)?;
    } else {
        diesel::insert_into(devices::table).values(device).execute(tx.connection)?;
    }
    Ok(())
}

/// The device of an id.
pub fn find(tx: &mut Transaction<'_>, id: &DeviceId) -> Result<Option<Device>, StoreError> {
    Ok(devices::table.find(id).select(Device::as_select()).first(tx.connection).optional()?)
}

/// The device whose token was presented, if it was used since `used_since`.
pub fn find_by_token_hash(
    tx: &mut Transaction<'_>,
    token_hash: &DeviceTokenHash,
    used_since: UtcTime,
) -> Result<Option<Device>, StoreError> {
    Ok(devices::table
        .filter(devices::token_hash.eq(token_hash))
        .filter(devices::last_used_at.gt(used_since))
        .select(Device::as_select())
        .first(tx.connection)
        .optional()?)
}

/// An account's devices, the one used last first.
pub fn list_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<Vec<Device>, StoreError> {
    Ok(devices::table
        .filter(devices::account_id.eq(account_id))
        .order((devices::last_used_at.desc(), devices::id))
        .select(Device::as_select())
        .load(tx.connection)?)
}

/// Forgets one device.
pub fn delete(tx: &mut Transaction<'_>, id: &DeviceId) -> Result<(), StoreError> {
    diesel::delete(devices::table.find(id)).execute(tx.connection)?;
    Ok(())
}

/// Forgets every device of an account but the one to keep (RL-04).
pub fn delete_all_of(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    keep: Option<&DeviceId>,
) -> Result<(), StoreError> {
    // No device has an empty id.
    let keep = keep.map_or("", DeviceId::as_str);
    let others = devices::table.filter(devices::account_id.eq(account_id)).filter(devices::id.ne(keep));
    diesel::delete(others).execute(tx.connection)?;
    Ok(())
}

/// Forgets what was not used since `used_since`.
pub fn delete_unused(tx: &mut Transaction<'_>, used_since: UtcTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(devices::table.filter(devices::last_used_at.le(used_since))).execute(tx.connection)?)
}
