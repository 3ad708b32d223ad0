//! Devices that a new password has ended (OW-09). They are known no more. A failed sign-in that presents one is taken for
//! that of a colleague who was not told of the new password.

use diesel::{prelude::*, sql_types::Timestamp};

use super::{
    engine::{Age, OldRows, StoreError, Transaction},
    schema::{devices, former_devices},
};
use crate::types::{AccountId, DeviceId, DeviceLabel, DeviceTokenHash, UtcTime};

/// The most former devices that an account has: those that were ended last. An account has as many known ones.
const MOST_OF_ACCOUNT: i64 = 20;

/// One former device.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = former_devices)]
pub struct FormerDevice {
    /// The id that the device had.
    pub id: DeviceId,
    /// The account that had signed in from the device.
    pub account_id: AccountId,
    /// The `User-Agent` of its last sign-in.
    pub user_agent: Option<String>,
    /// The name that people had given to it.
    pub name: Option<DeviceLabel>,
    /// When they gave it the name.
    pub named_at: Option<UtcTime>,
    /// When the device was ended.
    pub ended_at: UtcTime,
}

/// Copies every device of an account but the one to keep from the known ones.
pub(super) fn insert_devices_of(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    keep: Option<&DeviceId>,
) -> Result<(), StoreError> {
    let keep = keep.map_or("", DeviceId::as_str);
    let ended = devices::table.filter(devices::account_id.eq(account_id)).filter(devices::id.ne(keep)).select((
        devices::id,
        devices::account_id,
        devices::token_hash,
        devices::user_agent,
        devices::name,
        devices::named_at,
        tx.now.into_sql::<Timestamp>(),
    ));
    let columns = (
        former_devices::id,
        former_devices::account_id,
        former_devices::token_hash,
        former_devices::user_agent,
        former_devices::name,
        former_devices::named_at,
        former_devices::ended_at,
    );
    ended.insert_into(former_devices::table).into_columns(columns).execute(tx.connection)?;
    Ok(())
}

/// Deletes the former devices of an account beyond [`MOST_OF_ACCOUNT`].
pub(super) fn trim(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<(), StoreError> {
    let surplus: Vec<DeviceId> = former_devices::table
        .filter(former_devices::account_id.eq(account_id))
        .order((former_devices::ended_at.desc(), former_devices::id))
        .offset(MOST_OF_ACCOUNT)
        // SQLite wants a limit before an offset.
        .limit(i64::MAX)
        .select(former_devices::id)
        .load(tx.connection)?;
    if !surplus.is_empty() {
        diesel::delete(former_devices::table.filter(former_devices::id.eq_any(surplus))).execute(tx.connection)?;
    }
    Ok(())
}

/// Finds the former device of a presented token, if it was ended since `ended_since`.
pub fn find_by_token_hash(
    tx: &mut Transaction<'_>,
    token_hash: &DeviceTokenHash,
    ended_since: UtcTime,
) -> Result<Option<FormerDevice>, StoreError> {
    Ok(former_devices::table
        .filter(former_devices::token_hash.eq(token_hash))
        .filter(former_devices::ended_at.gt(ended_since))
        .select(FormerDevice::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Lists the former devices of an account, the one ended last first.
pub fn list_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<Vec<FormerDevice>, StoreError> {
    Ok(former_devices::table
        .filter(former_devices::account_id.eq(account_id))
        .order((former_devices::ended_at.desc(), former_devices::id))
        .select(FormerDevice::as_select())
        .load(tx.connection)?)
}

/// Deletes a former device.
pub fn delete(tx: &mut Transaction<'_>, id: &DeviceId) -> Result<(), StoreError> {
    diesel::delete(former_devices::table.find(id)).execute(tx.connection)?;
    Ok(())
}

/// Former devices, by their end.
pub const ENDED: OldRows =
    OldRows { table: "former_devices", key: "id", age: Age::Time("ended_at"), condition: "" };
