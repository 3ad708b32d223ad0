//! The signing keys: making them, loading them from their table for the signer, and telling which are retired.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::task;

use super::build_error::BuildError;
use crate::{
    config::JwtAlgorithm,
    crypto::{Keyring, ScheduledKey, Sealed, SigningKey, SigningKeyError},
    store::{
        Database, StoreError, Transaction,
        audit_events::{Entry, Event},
        signing_keys::{self, SigningKeyRow},
    },
    types::{Actor, Fault, RequestContext, UtcTime},
};

/// How long a key is published before it signs. By then every instance has read it, and every verifier that caches the
/// keys for the five minutes of `Cache-Control`.
const PUBLISHED_BEFORE: TimeDelta = TimeDelta::minutes(10);
/// How long a key verifies after its successor has begun to sign. An access token lives for at most 15 minutes, and an
/// instance may read the successor late.
const KEPT_AFTER: TimeDelta = TimeDelta::minutes(30);

/// Returns all keys that are not retired, the newest first. Makes the first key, and a next one where the settings ask
/// for another algorithm. Keys that are sealed with the previous secret key are sealed with the present one, so that
/// the previous one can be removed from the settings (CF-03).
pub(super) async fn ensure(
    database: &Database,
    keyring: &Arc<Keyring>,
    algorithm: JwtAlgorithm,
    now: UtcTime,
) -> Result<Vec<ScheduledKey>, BuildError> {
    let rows = database.read(signing_keys::list).await.map_err(Fault::from)?;
    let made = if is_served_by_newest(&rows, algorithm) { None } else { Some(make(keyring, algorithm).await?) };
    let keyring_for_write = keyring.clone();
    let prepared = database
        .write(move |tx| -> Result<(), KeyError> {
            let rows = signing_keys::list(tx)?;
            for row in rows.iter().filter(|row| row.secret_key_id != keyring_for_write.current_id()) {
                let der = open(&keyring_for_write, row)?;
                let sealed = keyring_for_write.seal(&row.id, &der).map_err(KeyError::Fault)?;
                signing_keys::set_sealed(tx, &row.id, &sealed.secret_key_id, &sealed.text)?;
            }
            match made {
                Some(made) if !is_served_by_newest(&rows, algorithm) => {
                    insert_next(tx, made, rows.first(), &Actor::Service)?;
                    Ok(())
                }
                _ => Ok(()),
            }
        })
        .await;
    match prepared {
        // Another instance has made the key at the same moment.
        Err(KeyError::Store(error)) if error.is_unique_violation() => {}
        other => other?,
    }
    load(database, keyring, now).await
}

/// All keys that are not retired, the newest first.
pub(crate) async fn load(
    database: &Database,
    keyring: &Keyring,
    now: UtcTime,
) -> Result<Vec<ScheduledKey>, BuildError> {
    let rows = database.read(signing_keys::list).await.map_err(Fault::from)?;
    let retired = last_retired(&rows, now).unwrap_or(0);
    rows.iter()
        .filter(|row| row.generation > retired)
        .map(|row| {
            let algorithm = algorithm_of(&row.algorithm)?;
            let der = open(keyring, row).map_err(|_| BuildError::WrongSecretKey)?;
            let key = SigningKey::from_pkcs8(algorithm, &der).map_err(broken_key)?;
            Ok(ScheduledKey { key, signs_from: row.signs_from })
        })
        .collect()
}

/// The newest generation whose last token has expired.
pub(crate) fn last_retired(rows: &[SigningKeyRow], now: UtcTime) -> Option<i32> {
    let successor = rows.iter().find(|row| row.signs_from + KEPT_AFTER <= now)?;
    rows.iter().map(|row| row.generation).filter(|generation| *generation < successor.generation).max()
}

/// Why a transaction about signing keys failed.
pub(crate) enum KeyError {
    Store(StoreError),
    Fault(Fault),
    WrongSecretKey,
}

impl From<StoreError> for KeyError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<KeyError> for BuildError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Store(error) => Fault::from(error).into(),
            KeyError::Fault(fault) => fault.into(),
            KeyError::WrongSecretKey => Self::WrongSecretKey,
        }
    }
}

fn open(keyring: &Keyring, row: &SigningKeyRow) -> Result<zeroize::Zeroizing<Vec<u8>>, KeyError> {
    let sealed = Sealed { secret_key_id: row.secret_key_id.clone(), text: row.sealed_private_key.clone() };
    keyring.open(&row.id, &sealed).map_err(|_| KeyError::WrongSecretKey)
}

fn is_served_by_newest(rows: &[SigningKeyRow], algorithm: JwtAlgorithm) -> bool {
    rows.first().is_some_and(|newest| newest.algorithm == algorithm.as_str())
}

/// A key that is not stored yet.
pub(crate) struct MadeKey {
    kid: String,
    algorithm: JwtAlgorithm,
    sealed: Sealed,
}

/// Makes a key. With RS256 this takes up to seconds, so it happens before the transaction, which would keep other
/// writers waiting.
pub(crate) async fn make(keyring: &Arc<Keyring>, algorithm: JwtAlgorithm) -> Result<MadeKey, Fault> {
    let keyring = keyring.clone();
    let making = task::spawn_blocking(move || {
        let der = SigningKey::generate(algorithm).map_err(broken_key)?;
        let key = SigningKey::from_pkcs8(algorithm, &der).map_err(broken_key)?;
        let sealed = keyring.seal(key.kid(), &der)?;
        Ok(MadeKey { kid: key.kid().to_owned(), algorithm, sealed })
    });
    making.await.map_err(|error| Fault::internal("making a signing key", error))?
}

/// Stores the key as the newest. The first key of all signs at once, since no verifier has read keys before it.
pub(crate) fn insert_next(
    tx: &mut Transaction<'_>,
    made: MadeKey,
    newest: Option<&SigningKeyRow>,
    actor: &Actor,
) -> Result<SigningKeyRow, StoreError> {
    let generation = newest.map_or(0, |row| row.generation) + 1;
    let signs_from = if newest.is_some() { tx.now + PUBLISHED_BEFORE } else { tx.now };
    insert(tx, made, generation, signs_from, actor)
}

/// Stores the key as one that signs at once, beside which there will be no other.
pub(crate) fn insert_only(
    tx: &mut Transaction<'_>,
    made: MadeKey,
    generation: i32,
    actor: &Actor,
) -> Result<SigningKeyRow, StoreError> {
    insert(tx, made, generation, tx.now, actor)
}

fn insert(
    tx: &mut Transaction<'_>,
    made: MadeKey,
    generation: i32,
    signs_from: UtcTime,
    actor: &Actor,
) -> Result<SigningKeyRow, StoreError> {
    let row = SigningKeyRow {
        id: made.kid,
        generation,
        algorithm: made.algorithm.as_str().to_owned(),
        secret_key_id: made.sealed.secret_key_id,
        sealed_private_key: made.sealed.text,
        created_at: tx.now,
        signs_from,
    };
    signing_keys::insert(tx, &row)?;
    let context = RequestContext::of(actor.clone());
    Entry::new(Event::SigningKeyMade, &context, tx.now).detail(&row.id).append(tx)?;
    Ok(row)
}

fn algorithm_of(name: &str) -> Result<JwtAlgorithm, Fault> {
    JwtAlgorithm::parse(name).map_err(|error| Fault::internal("reading a signing key's algorithm", error))
}

fn broken_key(error: SigningKeyError) -> Fault {
    Fault::internal("making or reading a signing key", error)
}
