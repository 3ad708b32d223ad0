//! Remembering devices: a device token shows that the account was signed in to from there before (RL-04).

use chrono::TimeDelta;

use crate::{
    crypto::Keyring,
    identity::transaction::Tx,
    store::{
        StoreError, Transaction,
        accounts::Account,
        devices::{self, Device},
        failed_sign_ins::{presented_device, presented_former_device, presented_nothing},
        former_devices::{self, FormerDevice},
        sessions::{self, Session},
    },
    types::{CustomerNumber, DeviceId, DeviceLabel, DeviceToken, DeviceTokenHash, UtcTime, device_name},
};

/// How long a device is remembered without use.
pub(in crate::identity) const REMEMBERED_FOR: TimeDelta = TimeDelta::days(180);
/// How long a device that a new password has ended is remembered as a former one (OW-09).
pub(in crate::identity) const REMEMBERED_AS_FORMER_FOR: TimeDelta = TimeDelta::days(30);
/// The devices that an account may have. One more makes it forget the one unused for longest.
const MOST_DEVICES: usize = 20;

/// The account's device that a presented token belongs to.
pub(in crate::identity) fn find_known_device(
    tx: &mut Transaction<'_>,
    presented: Option<&DeviceTokenHash>,
    account: Option<&Account>,
) -> Result<Option<Device>, StoreError> {
    let Some(token_hash) = presented else { return Ok(None) };
    let found = devices::find_by_token_hash(tx, token_hash, tx.now - REMEMBERED_FOR)?;
    Ok(found.filter(|device| account.is_some_and(|account| account.id == device.account_id)))
}

/// The account's former device that a presented token belongs to (OW-09).
pub(in crate::identity) fn find_former_device(
    tx: &mut Transaction<'_>,
    presented: &DeviceTokenHash,
    account: Option<&Account>,
) -> Result<Option<FormerDevice>, StoreError> {
    let found = former_devices::find_by_token_hash(tx, presented, tx.now - REMEMBERED_AS_FORMER_FOR)?;
    Ok(found.filter(|device| account.is_some_and(|account| account.id == device.account_id)))
}

/// What a sign-in has presented besides the password.
#[derive(Clone)]
pub(in crate::identity) enum Presented {
    /// The token of a device that the account knows.
    Known(Device),
    /// The token of a device that a new password has ended. It proves nothing.
    Former(FormerDevice),
    /// No token of a device of the account.
    Nothing,
}

impl Presented {
    /// The known device.
    pub(in crate::identity) const fn known(&self) -> Option<&Device> {
        match self {
            Self::Known(device) => Some(device),
            Self::Former(_) | Self::Nothing => None,
        }
    }

    /// The text by which failed sign-ins are summed.
    pub(in crate::identity) fn in_sums(&self) -> String {
        match self {
            Self::Known(device) => presented_device(&device.id),
            Self::Former(device) => presented_former_device(&device.id),
            Self::Nothing => presented_nothing(),
        }
    }
}

/// The name that a new device takes over.
#[derive(Default)]
struct GivenName {
    name: Option<DeviceLabel>,
    named_at: Option<UtcTime>,
}

impl From<Presented> for GivenName {
    fn from(presented: Presented) -> Self {
        match presented {
            Presented::Known(Device { name, named_at, .. })
            | Presented::Former(FormerDevice { name, named_at, .. }) => Self { name, named_at },
            Presented::Nothing => Self::default(),
        }
    }
}

/// The standing of a device with its account, after the right password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identity) enum Standing {
    /// The token of the device was presented.
    Known,
    /// No token of the device was presented, but it is the first device of the account, or the same program has signed
    /// in from the same network before.
    Familiar,
    /// The account remembered no such device.
    New,
}

/// A device that its account remembers from now on.
pub(in crate::identity) struct RememberedDevice {
    pub(in crate::identity) row: Device,
    pub(in crate::identity) token: DeviceToken,
    pub(in crate::identity) standing: Standing,
}

impl RememberedDevice {
    pub(in crate::identity) fn write(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        if self.standing == Standing::Known { devices::set(tx, &self.row) } else { devices::insert(tx, &self.row) }
    }
}

/// Returns the known device with its present use, or a new device. The caller writes it. A new device takes over the name
/// of a former one, which is forgotten, and may make the account forget the device unused for longest. `devices` lists
/// the devices of the account before and after the call, the one used last first.
pub(in crate::identity) fn remember(
    tx: &mut Tx<'_>,
    account: &Account,
    devices: &mut Vec<Device>,
    presented: Presented,
) -> Result<RememberedDevice, StoreError> {
    // The device is taken from the list as it is now: another sign-in may have made the account forget it in the
    // meantime.
    let known = presented.known().and_then(|known| devices.iter().find(|device| device.id == known.id).cloned());
    if let Some(device) = known {
        return use_again(tx, devices, device, &account.customer_number);
    }
    if let Presented::Former(former) = &presented {
        former_devices::delete(tx, &former.id)?;
    }
    make(tx, account, devices, presented.into())
}

/// Remembers the device of a session again that the account has forgotten, since people give it a name. The next refresh
/// of the session hands its token out.
pub(in crate::identity) fn remember_again(
    tx: &mut Tx<'_>,
    account: &Account,
    devices: &mut Vec<Device>,
    session: &Session,
) -> Result<Device, StoreError> {
    let RememberedDevice { mut row, .. } = make(tx, account, devices, GivenName::default())?;
    row.user_agent.clone_from(&session.user_agent);
    row.source.clone_from(&session.source);
    devices::insert(tx, &row)?;
    sessions::set_device(tx, &session.id, &row.id)?;
    Ok(row)
}

fn use_again(
    tx: &Tx<'_>,
    devices: &mut Vec<Device>,
    mut device: Device,
    number: &CustomerNumber,
) -> Result<RememberedDevice, StoreError> {
    let token = token_of(&tx.app.keyring, &mut device, number)?;
    device.user_agent.clone_from(&tx.context.user_agent);
    device.source = tx.context.shortened_source();
    device.last_used_at = tx.now;
    devices.retain(|other| other.id != device.id);
    devices.insert(0, device.clone());
    Ok(RememberedDevice { row: device, token, standing: Standing::Known })
}

fn make(
    tx: &mut Tx<'_>,
    account: &Account,
    devices: &mut Vec<Device>,
    given: GivenName,
) -> Result<RememberedDevice, StoreError> {
    let source = tx.context.shortened_source();
    let program = |user_agent: &Option<String>| user_agent.as_deref().and_then(device_name);
    let own = program(&tx.context.user_agent);
    let is_like_another = devices.iter().any(|other| program(&other.user_agent) == own && other.source == source);
    let is_first = account.last_sign_in_at.is_none();
    for forgotten in devices.drain((MOST_DEVICES - 1).min(devices.len())..) {
        devices::delete(tx, &forgotten.id)?;
    }
    let id = DeviceId::mint();
    let secret_key_id = tx.app.keyring.current_id().to_owned();
    let token = tx.app.keyring.device_token(&secret_key_id, &id, &account.customer_number).map_err(unwritable)?;
    let device = Device {
        id,
        account_id: account.id.clone(),
        secret_key_id,
        token_hash: token.hash(),
        user_agent: tx.context.user_agent.clone(),
        source,
        created_at: tx.now,
        last_used_at: tx.now,
        name: given.name,
        named_at: given.named_at,
    };
    devices.insert(0, device.clone());
    let standing = if is_like_another || is_first { Standing::Familiar } else { Standing::New };
    Ok(RememberedDevice { row: device, token, standing })
}

/// The token of a remembered device of the account with this number. Where its secret key is gone, the device gets
/// another token under the present key. The caller stores the device with the token's hash.
pub(in crate::identity) fn token_of(
    keyring: &Keyring,
    device: &mut Device,
    number: &CustomerNumber,
) -> Result<DeviceToken, StoreError> {
    let token = if let Ok(token) = keyring.device_token(&device.secret_key_id, &device.id, number) {
        token
    } else {
        keyring.current_id().clone_into(&mut device.secret_key_id);
        keyring.device_token(&device.secret_key_id, &device.id, number).map_err(unwritable)?
    };
    device.token_hash = token.hash();
    Ok(token)
}

/// The fault of a token that the present secret key does not make.
pub(super) fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unwritable(Box::new(error))
}
