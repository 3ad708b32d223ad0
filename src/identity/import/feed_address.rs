//! Which address a feed named last, as a keyed hash with the id of its key: no second copy of the address is kept.

use crate::{crypto::Keyring, types::EmailAddress};

const PURPOSE: &str = "feed email";

/// The hash to keep of the address that a feed names.
pub(super) fn feed_email_hash(keyring: &Keyring, email: &EmailAddress) -> String {
    format!("{}/{}", keyring.current_id(), keyring.fingerprint(PURPOSE, email.canonical().as_bytes()))
}

/// How the address of a row compares with the one that the feed named last.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FeedEmail {
    /// It is the same.
    Same,
    /// It is another.
    Another,
    /// The feed has named none, or it was stored under a key that is not known any more.
    Unknown,
}

/// Compares an address with a stored [`feed_email_hash`].
pub(super) fn compare_feed_email(keyring: &Keyring, stored: Option<&str>, email: &EmailAddress) -> FeedEmail {
    let Some((_, hash)) = stored.and_then(|stored| stored.split_once('/')).filter(|(key, _)| keyring.knows(key))
    else {
        return FeedEmail::Unknown;
    };
    let hashes = keyring.fingerprints(PURPOSE, email.canonical().as_bytes());
    if hashes.iter().any(|other| other == hash) { FeedEmail::Same } else { FeedEmail::Another }
}
