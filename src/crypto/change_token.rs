//! The change token, which permits replacing an expired password and nothing else.

use std::fmt;

use chrono::{DateTime, TimeDelta};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::{
    crypto::{Keyring, Sealed},
    types::{AccountId, DeviceId, Fault, UtcTime},
};

/// The lifetime of a change token.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// The context of the encryption. What was sealed for another purpose does not open with it (JW-06).
const CONTEXT: &str = "change-token/v1";

/// A token that comes with `password-expired` after the right password. It is no JWT, so that a verifier of access
/// tokens cannot take it for one (RFC 8725 §3.12).
#[derive(Clone)]
pub struct ChangeToken(SecretString);

impl ChangeToken {
    /// The characters of the token, for its bearer.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The lifetime of the token in seconds.
    #[must_use]
    pub const fn expires_in() -> i64 {
        LIFETIME.num_seconds()
    }
}

impl fmt::Debug for ChangeToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ChangeToken(…)")
    }
}

impl PartialEq for ChangeToken {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for ChangeToken {}

/// The contents of a change token. The epoch makes the token valid for one change: a change starts another epoch, as a
/// reset and a closing do.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Permit {
    pub(crate) account_id: AccountId,
    pub(crate) session_epoch: i32,
    /// The device that signed in, if it was known.
    pub(crate) device_id: Option<DeviceId>,
    /// The expiry in seconds since 1970.
    expires_at: i64,
}

/// Makes a token that permits changing the password of an account, from now on.
pub(crate) fn issue(
    keyring: &Keyring,
    account_id: &AccountId,
    session_epoch: i32,
    device_id: Option<DeviceId>,
    now: UtcTime,
) -> Result<ChangeToken, Fault> {
    let expires_at = (now + LIFETIME).and_utc().timestamp();
    let permit = Permit { account_id: account_id.clone(), session_epoch, device_id, expires_at };
    let text = serde_json::to_vec(&permit).map_err(|error| Fault::internal("writing a change token", error))?;
    let sealed = keyring.seal(CONTEXT, &text)?;
    Ok(ChangeToken(SecretString::from(format!("{}_{}", sealed.secret_key_id, sealed.text))))
}

/// Opens a change token; `None` where the text is no change token of this service, or has expired.
pub(crate) fn open(keyring: &Keyring, bearer: &str, now: UtcTime) -> Option<Permit> {
    let (secret_key_id, text) = bearer.split_once('_')?;
    let sealed = Sealed { secret_key_id: secret_key_id.to_owned(), text: text.to_owned() };
    let plain = keyring.open(CONTEXT, &sealed).ok()?;
    let permit: Permit = serde_json::from_slice(&plain).ok()?;
    let expires_at = DateTime::from_timestamp(permit.expires_at, 0)?.naive_utc();
    (expires_at > now).then_some(permit)
}
