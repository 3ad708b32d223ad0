//! The parts of a running service, built once and shared by everything above.

mod signing_keys;

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;
use url::Url;

use crate::{
    config::{Config, Links},
    crypto::{CostCensus, Keyring, PasswordHasher, Signer},
    mail::Mailer,
    policy::PasswordPolicy,
    store::Database,
    types::{Clock, Fault},
};

/// What every use case works with.
pub struct App {
    /// The one source of time.
    pub clock: Arc<dyn Clock>,
    /// The tables.
    pub database: Database,
    /// Argon2.
    pub hasher: PasswordHasher,
    /// What stored hashes cost to verify.
    pub cost_census: CostCensus,
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
        let keys = signing_keys::ensure(&database, &keyring, config.jwt_algorithm, clock.now()).await?;
        let issuer = links.public_url().to_owned();
        let audience = config.token_audience.clone().unwrap_or_else(|| issuer.clone());
        Ok(Self {
            hasher: PasswordHasher::new(&config.argon2)?,
            cost_census: CostCensus::default(),
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

    /// Reads the signing keys again, at most once every few seconds: another instance may have made one.
    /// Where that fails the known ones go on serving.
    pub async fn reload_signing_keys(&self) {
        if !self.signer.may_reload(self.clock.now()) {
            return;
        }
        match signing_keys::load(&self.database, &self.keyring).await {
            Ok(keys) => self.signer.replace_keys(keys),
            Err(error) => tracing::error!(%error, "the signing keys could not be read again"),
        }
    }
}
