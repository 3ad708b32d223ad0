//! The device that a change of the address takes where nobody may read the notice to the present one (OW-04).

use chrono::TimeDelta;

use crate::{
    identity::{
        address::{EmailState, find_email_state},
        transaction::Tx,
    },
    store::{StoreError, accounts::Account, devices, sessions},
    types::SessionId,
};

/// How long the device must be known: longer than a thief is likely to have the password.
const KNOWN_FOR: TimeDelta = TimeDelta::days(7);

/// Whether support alone can change the address: mail to the present one came back or there is none, and the device of the
/// session is too new.
pub(super) fn needs_support(tx: &mut Tx<'_>, account: &Account, session: &SessionId) -> Result<bool, StoreError> {
    let app = tx.app.clone();
    if !matches!(find_email_state(tx, &app.config, account)?, EmailState::Bouncing | EmailState::None) {
        return Ok(false);
    }
    let device = match sessions::find(tx, session)?.and_then(|session| session.device_id) {
        Some(id) => devices::find(tx, &id)?,
        None => None,
    };
    Ok(device.is_none_or(|device| device.created_at + KNOWN_FOR > tx.now))
}
