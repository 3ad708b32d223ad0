//! Devices that have signed in before. The table holds the hash of a device token alone.

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, update},
    former_devices,
    schema::devices,
};
use crate::types::{AccountId, DeviceId, DeviceLabel, DeviceTokenHash, UtcTime};

/// One device, both to insert and as a row.
#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = devices, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Device {
    /// The id, from which the token is derived.
    pub id: DeviceId,
    /// The account that signed in from the device.
    pub account_id: AccountId,
    /// The secret key that the token is derived with.
    pub secret_key_id: String,
    /// The hash of its token.
    pub token_hash: DeviceTokenHash,
    /// The `User-Agent` of its last sign-in.
    pub user_agent: Option<String>,
    /// The network of its last sign-in.
    pub source: Option<String>,
    /// When the device first signed in.
    pub created_at: UtcTime,
    /// When the device last signed in.
    pub last_used_at: UtcTime,
    /// The name that people have given to it.
    pub name: Option<DeviceLabel>,
    /// When they gave it the name.
    pub named_at: Option<UtcTime>,
}

/// Inserts a device.
pub fn insert(tx: &mut Transaction<'_>, device: &Device) -> Result<(), StoreError> {
    diesel::insert_into(devices::table).values(device).execute(tx.connection)?;
    Ok(())
}

/// Stores what has changed of a device.
pub fn set(tx: &mut Transaction<'_>, device: &Device) -> Result<(), StoreError> {
    update(devices::table.find(&device.id)).set(device).execute(tx.connection)?;
    Ok(())
}

/// Finds a device by its id.
pub fn find(tx: &mut Transaction<'_>, id: &DeviceId) -> Result<Option<Device>, StoreError> {
    Ok(devices::table.find(id).select(Device::as_select()).first(tx.connection).optional()?)
}

/// Finds the device of a presented token, if it was used since `used_since`.
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

/// Lists the devices of an account, the one used last first.
pub fn list_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<Vec<Device>, StoreError> {
    Ok(devices::table
        .filter(devices::account_id.eq(account_id))
        .order((devices::last_used_at.desc(), devices::id))
        .select(Device::as_select())
        .load(tx.connection)?)
}

/// Deletes a device.
pub fn delete(tx: &mut Transaction<'_>, id: &DeviceId) -> Result<(), StoreError> {
    diesel::delete(devices::table.find(id)).execute(tx.connection)?;
    Ok(())
}

/// Forgets every device of an account.
pub fn forget_all_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<(), StoreError> {
    diesel::delete(devices::table.filter(devices::account_id.eq(account_id))).execute(tx.connection)?;
    Ok(())
}

/// Ends every device of an account but the one to keep (RL-04). They are remembered as former ones (OW-09).
pub fn end_all_of(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    keep: Option<&DeviceId>,
) -> Result<(), StoreError> {
    former_devices::insert_devices_of(tx, account_id, keep)?;
    // No device has an empty id, so an empty one keeps no device.
    let keep = keep.map_or("", DeviceId::as_str);
    let others = devices::table.filter(devices::account_id.eq(account_id)).filter(devices::id.ne(keep));
    diesel::delete(others).execute(tx.connection)?;
    former_devices::trim(tx, account_id)
}

/// Devices, by their last use.
pub const UNUSED: OldRows = OldRows { table: "devices", key: "id", age: Age::Time("last_used_at"), condition: "" };
