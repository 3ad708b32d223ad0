//! Where a page of a list ends, as a text for who reads the list. It is sealed for its reader: nobody learns or makes up
//! anything by it.

use chrono::{DateTime, TimeDelta};
use data_encoding::{BASE64, BASE64URL_NOPAD};

use crate::{
    crypto::{Keyring, Sealed},
    types::{Fault, UtcTime},
};

/// How long a dated cursor serves. Nobody reads on after a day, and the first page is there for everybody.
pub(super) const LIFETIME: TimeDelta = TimeDelta::days(1);
/// Later than every event, and within the times that both databases store.
const LATEST_SECONDS: i64 = 32_503_680_000;

/// Seals a place that serves as long as the list has it. `reader` names the list and who reads it: elsewhere the text does
/// not open.
pub(in crate::identity) fn seal(keyring: &Keyring, reader: &str, place: &str) -> Result<String, Fault> {
    let Sealed { secret_key_id, text } = keyring.seal(reader, place.as_bytes())?;
    let bytes = BASE64.decode(text.as_bytes()).map_err(|error| Fault::internal("sealing a cursor", error))?;
    Ok(format!("{secret_key_id}.{}", BASE64URL_NOPAD.encode(&bytes)))
}

/// Opens a cursor; `None` where it is none of this reader, or was changed.
pub(in crate::identity) fn open(keyring: &Keyring, reader: &str, cursor: &str) -> Option<String> {
    let (secret_key_id, sealed) = cursor.split_once('.')?;
    let bytes = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
    let sealed = Sealed { secret_key_id: secret_key_id.to_owned(), text: BASE64.encode(&bytes) };
    String::from_utf8(keyring.open(reader, &sealed).ok()?.to_vec()).ok()
}

/// Seals a place that serves for a day.
pub(super) fn seal_dated(keyring: &Keyring, reader: &str, place: &str, now: UtcTime) -> Result<String, Fault> {
    seal(keyring, reader, &format!("{} {place}", micros(now)))
}

/// Opens a dated cursor; `None` where it is none of this reader, was changed, or is older than a day.
pub(super) fn open_dated(keyring: &Keyring, reader: &str, cursor: &str, now: UtcTime) -> Option<String> {
    let plain = open(keyring, reader, cursor)?;
    let (made_at, place) = plain.split_once(' ')?;
    (moment(made_at)? + LIFETIME > now).then(|| place.to_owned())
}

/// A time as a place has it.
pub(super) fn micros(moment: UtcTime) -> i64 {
    moment.and_utc().timestamp_micros()
}

/// Reads a time of a place.
pub(super) fn moment(text: &str) -> Option<UtcTime> {
    DateTime::from_timestamp_micros(text.parse().ok()?).map(|moment| moment.naive_utc())
}

/// The time at which a list that has the newest first begins.
pub(super) fn latest() -> UtcTime {
    DateTime::from_timestamp(LATEST_SECONDS, 0).unwrap_or_default().naive_utc()
}
