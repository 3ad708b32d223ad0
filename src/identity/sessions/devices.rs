//! Remembering devices: who shows a device token has signed in to the account from there before (RL-04).

use chrono::TimeDelta;

use crate::{
    crypto::Keyring,
    store::{
        StoreError, Transaction,
        accounts::Account,
        devices::{self, Device},
    },
    types::{DeviceId, DeviceToken, DeviceTokenHash, RequestContext, UtcTime, device_name},
};

/// A device that was not used for so long is forgotten.
pub(in crate::identity) const REMEMBERED_FOR: TimeDelta = TimeDelta::days(180);
/// One more, and the one unused for longest is forgotten.
const MOST_DEVICES: usize = 20;

/// The account's device that a presented token belongs to.
pub(in crate::identity) fn recognise(
    tx: &mut Transaction<'_>,
    presented: Option<&DeviceTokenHash>,
    account: Option<&Account>,
    now: UtcTime,
) -> Result<Option<Device>, StoreError> {
    let Some(token_hash) = presented else { return Ok(None) };
    let found = devices::find_by_token_hash(tx, token_hash, now - REMEMBERED_FOR)?;
    Ok(found.filter(|device| account.is_some_and(|account| account.id == device.account_id)))
}

/// A device after a success, and whether it or anything like it was known before.
pub(in crate::identity) struct Remembered {
    pub(in crate::identity) row: Device,
    pub(in crate::identity) is_known: bool,
    pub(in crate::identity) token: DeviceToken,
    /// Neither its token nor another sign-in with the same program from the same network is remembered, and
    /// it is not the first sign-in of all.
    pub(in crate::identity) is_new: bool,
}

impl Remembered {
    pub(in crate::identity) fn write(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        devices::put(tx, &self.row, self.is_known)
    }
}

/// The known device as it is used now, or a new one, for the caller to write; what it takes the place of is forgotten.
/// `devices` are the account's, the one used last first, and are so again afterwards.
pub(in crate::identity) fn remember(
    tx: &mut Transaction<'_>,
    keyring: &Keyring,
    account: &Account,
    devices: &mut Vec<Device>,
    known: Option<Device>,
    context: &RequestContext,
    now: UtcTime,
) -> Result<Remembered, StoreError> {
    // As it is now: since its token was recognised another sign-in may have made room for a device of its own.
    let known = known.and_then(|known| devices.iter().find(|device| device.id == known.id).cloned());
    if let Some(mut device) = known {
        let token = token_of(keyring, &mut device)?;
        device.user_agent.clone_from(&context.user_agent);
        device.source = context.shortened_source();
        device.last_used_at = now;
        devices.retain(|other| other.id != device.id);
        devices.insert(0, device.clone());
        return Ok(Remembered { row: device, is_known: true, token, is_new: false });
    }
    let source = context.shortened_source();
    let name = |user_agent: &Option<String>| user_agent.as_deref().and_then(device_name);
    let familiar =
        devices.iter().any(|other| name(&other.user_agent) == name(&context.user_agent) && other.source == source);
    for forgotten in devices.drain((MOST_DEVICES - 1).min(devices.len())..) {
        devices::delete(tx, &forgotten.id)?;
    }
    let id = DeviceId::mint();
    let secret_key_id = keyring.current_id().to_owned();
    let token = keyring.device_token(&secret_key_id, &id).map_err(unwritable)?;
    let device = Device {
        id,
        account_id: account.id.clone(),
        secret_key_id,
        token_hash: token.hash(),
        user_agent: context.user_agent.clone(),
        source,
        created_at: now,
        last_used_at: now,
    };
    devices.insert(0, device.clone());
    Ok(Remembered { row: device, is_known: false, token, is_new: !familiar && account.last_sign_in_at.is_some() })
}

/// The token of a remembered device. Where its secret key is gone it gets another one under the present key.
pub(in crate::identity) fn token_of(keyring: &Keyring, device: &mut Device) -> Result<DeviceToken, StoreError> {
    if let Ok(token) = keyring.device_token(&device.secret_key_id, &device.id) {
        return Ok(token);
    }
    keyring.current_id().clone_into(&mut device.secret_key_id);
    let token = keyring.device_token(&device.secret_key_id, &device.id).map_err(unwritable)?;
    device.token_hash = token.hash();
    Ok(token)
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unwritable(Box::new(error))
}
