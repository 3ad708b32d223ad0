//! Which address a feed named last, as a keyed hash with the id of its key: no second copy of the address is kept.

use crate::{crypto::Keyring, types::EmailAddress};

const PURPOSE: &str = "feed email";

/// The hash to keep of the address that a feed names.
pub(super) fn feed_email_hash(keyring: &Keyring, email: &EmailAddress) -> String {
    format!("{}/{}", keyring.current_id(), keyring.fingerprint(PURPOSE, email.canonical().as_bytes()))
}

/// Whether a stored [`feed_email_hash`] is that of the address; `None` where its key is not known any more.
pub(super) fn is_feed_email(keyring: &Keyring, stored: &str, email: &EmailAddress) -> Option<bool> {
    let (key, hash) = stored.split_once('/')?;
    let hashes = keyring.fingerprints(PURPOSE, email.canonical().as_bytes());
    keyring.knows(key).then(|| hashes.iter().any(|other| other == hash))
}
