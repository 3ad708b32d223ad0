//! The signing keys between table and signer.

use std::sync::Arc;

use super::BuildError;
use crate::{
    config::JwtAlgorithm,
    crypto::{Keyring, Sealed, SigningKey, SigningKeyError},
    store::{
        AnyConnection, Database, StoreError,
        signing_keys::{self, SigningKeyRow},
    },
    types::{Fault, UtcTime},
};

/// All keys, the newest first. Makes the first one, and a new one where the settings ask for another
/// algorithm; seals again what lies under the previous secret key, so that it can be taken away.
pub(super) async fn ensure(
    database: &Database,
    keyring: &Arc<Keyring>,
    algorithm: JwtAlgorithm,
    now: UtcTime,
) -> Result<Vec<SigningKey>, BuildError> {
    let keyring_for_write = keyring.clone();
    let prepared = database
        .write(move |connection| -> Result<(), KeyError> {
            let rows = signing_keys::list(connection)?;
            for row in rows.iter().filter(|row| row.secret_key_id != keyring_for_write.current_id()) {
                let der = open(&keyring_for_write, row)?;
                let sealed = keyring_for_write.seal(&row.id, &der).map_err(KeyError::Fault)?;
                signing_keys::set_sealed(connection, &row.id, &sealed.secret_key_id, &sealed.text)?;
            }
            match rows.first() {
                Some(newest) if newest.algorithm == algorithm.as_str() => Ok(()),
                newest => {
                    let generation = newest.map_or(0, |row| row.generation) + 1;
                    insert(connection, &keyring_for_write, algorithm, generation, now)
                }
            }
        })
        .await;
    match prepared {
        Ok(()) => {}
        // Another instance made it in the same moment.
        Err(KeyError::Store(error)) if error.is_unique_violation() => {}
        Err(KeyError::Store(error)) => return Err(Fault::from(error).into()),
        Err(KeyError::Fault(fault)) => return Err(fault.into()),
        Err(KeyError::WrongSecretKey) => return Err(BuildError::WrongSecretKey),
    }
    load(database, keyring).await
}

/// All keys, the newest first.
pub(super) async fn load(database: &Database, keyring: &Keyring) -> Result<Vec<SigningKey>, BuildError> {
    let rows = database.read(signing_keys::list).await.map_err(Fault::from)?;
    rows.iter()
        .map(|row| {
            let algorithm = algorithm_of(&row.algorithm)?;
            let der = open(keyring, row).map_err(|_| BuildError::WrongSecretKey)?;
            Ok(SigningKey::from_pkcs8(algorithm, &der).map_err(broken_key)?)
        })
        .collect()
}

enum KeyError {
    Store(StoreError),
    Fault(Fault),
    WrongSecretKey,
}

impl From<StoreError> for KeyError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn open(keyring: &Keyring, row: &SigningKeyRow) -> Result<zeroize::Zeroizing<Vec<u8>>, KeyError> {
    let sealed = Sealed { secret_key_id: row.secret_key_id.clone(), text: row.sealed_private_key.clone() };
    keyring.open(&row.id, &sealed).map_err(|_| KeyError::WrongSecretKey)
}

fn insert(
    connection: &mut AnyConnection,
    keyring: &Keyring,
    algorithm: JwtAlgorithm,
    generation: i32,
    now: UtcTime,
) -> Result<(), KeyError> {
    let failed = |error| KeyError::Fault(broken_key(error));
    let der = SigningKey::generate(algorithm).map_err(failed)?;
    let key = SigningKey::from_pkcs8(algorithm, &der).map_err(failed)?;
    let sealed = keyring.seal(key.kid(), &der).map_err(KeyError::Fault)?;
    let row = SigningKeyRow {
        id: key.kid().to_owned(),
        generation,
        algorithm: algorithm.as_str().to_owned(),
        secret_key_id: sealed.secret_key_id,
        sealed_private_key: sealed.text,
        created_at: now,
    };
    Ok(signing_keys::insert(connection, &row)?)
}

fn algorithm_of(name: &str) -> Result<JwtAlgorithm, Fault> {
    JwtAlgorithm::ALL
        .into_iter()
        .find(|algorithm| algorithm.as_str() == name)
        .ok_or_else(|| Fault::broken_invariant("reading a signing key's algorithm"))
}

fn broken_key(error: SigningKeyError) -> Fault {
    Fault::internal("reading a signing key", error)
}
