//! The parts of a running service, built once and shared by everything above.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;
use url::Url;

use crate::{
    config::{Config, JwtAlgorithm, Links},
    crypto::{Keyring, PasswordHasher, Sealed, Signer, SigningKey, SigningKeyError},
    mail::Mailer,
    policy::PasswordPolicy,
    store::{AnyConnection, Database, StoreError, signing_keys},
    types::{Clock, Fault, UtcTime},
};

/// What every use case works with.
pub struct App {
    /// The one source of time.
    pub clock: Arc<dyn Clock>,
    /// The tables.
    pub database: Database,
    /// Argon2.
    pub hasher: PasswordHasher,
    /// Derives tokens, seals keys.
    pub keyring: Arc<Keyring>,
    /// Access tokens.
    pub signer: Signer,
    /// The mail API.
    pub mailer: Mailer,
    /// Which passwords are taken.
    pub policy: PasswordPolicy,
    /// Addresses that leave the service.
    pub links: Links,
    /// Rung when a job has been queued, so that the worker need not wait for its next look.
    pub job_bell: Notify,
    /// A link's life from its hand-over.
    pub reset_link_ttl: Duration,
    /// How long a repeated request is swallowed.
    pub reset_cooldown: Duration,
    /// Jobs start after a random delay up to this.
    pub job_jitter: Duration,
}

/// Why the parts could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The database holds keys that this secret key does not open.
    #[error(
        "STAKIS_SECRET_KEY is not the key this database was used with; set that one, \
         or set it as STAKIS_SECRET_KEY_PREVIOUS while you change to a new one"
    )]
    WrongSecretKey,
    /// Anything else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl App {
    /// Puts the parts together. The database must be migrated; the first start makes the first signing key.
    /// `public_url` and `mail_api_url` are what the settings name or, in development, where the listeners
    /// came to be.
    pub async fn build(
        config: &Config,
        public_url: &Url,
        mail_api_url: Url,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, BuildError> {
        let database = Database::new(&config.database);
        let keyring = Arc::new(Keyring::new(&config.secret_key, config.secret_key_previous.as_ref())?);
        let links = Links::new(config, public_url);
        let keys = signing_keys(&database, &keyring, config.jwt_algorithm, clock.now()).await?;
        let issuer = links.public_url().to_owned();
        let audience = config.token_audience.clone().unwrap_or_else(|| issuer.clone());
        Ok(Self {
            hasher: PasswordHasher::new(&config.argon2)?,
            signer: Signer::new(keys, issuer, audience, config.access_token_ttl),
            mailer: Mailer::new(&config.mail, mail_api_url)?,
            policy: PasswordPolicy::new(&config.password),
            job_bell: Notify::new(),
            reset_link_ttl: config.reset_link_ttl,
            reset_cooldown: config.reset_cooldown,
            job_jitter: config.job_jitter,
            clock,
            database,
            keyring,
            links,
        })
    }
}

/// All stored keys, the newest first; makes the first one, and a new one where the settings ask for
/// another algorithm. Of several instances starting at once one makes it and the others read it.
async fn signing_keys(
    database: &Database,
    keyring: &Arc<Keyring>,
    algorithm: JwtAlgorithm,
    now: UtcTime,
) -> Result<Vec<SigningKey>, BuildError> {
    let keys = load(database, keyring).await?;
    if keys.first().is_some_and(|(newest, _)| *newest == algorithm) {
        return Ok(keys.into_iter().map(|(_, key)| key).collect());
    }
    let keyring_for_insert = keyring.clone();
    let inserted = database
        .write(move |connection| insert_next(connection, &keyring_for_insert, algorithm, now))
        .await;
    match inserted {
        Ok(()) => {}
        Err(InsertError::Store(error)) if error.is_unique_violation() => {}
        Err(InsertError::Store(error)) => return Err(Fault::from(error).into()),
        Err(InsertError::Fault(fault)) => return Err(fault.into()),
    }
    Ok(load(database, keyring).await?.into_iter().map(|(_, key)| key).collect())
}

async fn load(
    database: &Database,
    keyring: &Keyring,
) -> Result<Vec<(JwtAlgorithm, SigningKey)>, BuildError> {
    let rows = database.read(signing_keys::list).await.map_err(|error: StoreError| Fault::from(error))?;
    rows.into_iter()
        .map(|row| {
            let algorithm = algorithm_of(&row.algorithm)?;
            let sealed = Sealed { secret_key_id: row.secret_key_id, text: row.sealed_private_key };
            let der = keyring.open(&row.id, &sealed).map_err(|_| BuildError::WrongSecretKey)?;
            Ok((algorithm, SigningKey::from_pkcs8(algorithm, &der).map_err(broken_key)?))
        })
        .collect()
}

enum InsertError {
    Store(StoreError),
    Fault(Fault),
}

impl From<StoreError> for InsertError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn insert_next(
    connection: &mut AnyConnection,
    keyring: &Keyring,
    algorithm: JwtAlgorithm,
    now: UtcTime,
) -> Result<(), InsertError> {
    let newest = signing_keys::list(connection)?.first().map_or(0, |row| row.generation);
    let der = SigningKey::generate(algorithm).map_err(|error| InsertError::Fault(broken_key(error)))?;
    let key =
        SigningKey::from_pkcs8(algorithm, &der).map_err(|error| InsertError::Fault(broken_key(error)))?;
    let sealed = keyring.seal(key.kid(), &der).map_err(InsertError::Fault)?;
    signing_keys::insert(
        connection,
        &signing_keys::SigningKeyRow {
            id: key.kid().to_owned(),
            generation: newest + 1,
            algorithm: algorithm.as_str().to_owned(),
            secret_key_id: sealed.secret_key_id,
            sealed_private_key: sealed.text,
            created_at: now,
        },
    )?;
    Ok(())
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
