//! The parts of a running service.

use std::{ops::Deref, sync::Arc};

use secrecy::SecretString;
use tokio::sync::Notify;
use url::Url;

use super::{build_error::BuildError, links::Links, server_clock, signing_keys};
use crate::{
    config::{Config, MailProviderKind},
    crypto::{CostCensus, Keyring, PasswordHasher, Signer},
    limits::{Pressure, RecentRefusals},
    mail::Mailer,
    metrics::Metrics,
    policy::{BreachedPasswords, PasswordPolicy},
    store::{Database, sessions::SessionLifetimes},
    types::Clock,
};

/// The parts of a running service: a handle, cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What every use case works with.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The one source of time.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: Metrics,
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
    pub mailer: Arc<Mailer>,
    /// Webhook secrets by mail API. A mail API without one gets 404.
    pub mail_event_secrets: Vec<(MailProviderKind, SecretString)>,
    /// Which passwords are taken.
    pub policy: PasswordPolicy,
    /// Which passwords have leaked, where somebody is asked that.
    pub breached_passwords: Option<BreachedPasswords>,
    /// Addresses that leave the service.
    pub links: Links,
    /// Wakes the worker when a job is queued.
    pub job_queued: Notify,
    /// How long sessions go on.
    pub session_lifetimes: SessionLifetimes,
    /// Whether somebody goes over many numbers.
    pub pressure: Arc<Pressure>,
    /// Whom the limits have just refused.
    pub recent_refusals: Arc<RecentRefusals>,
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
        let database = Database::new(&config.database, clock.clone());
        let keyring = Arc::new(Keyring::new(&config.secret_key, config.secret_key_previous.as_ref())?);
        let links = Links::new(config, public_url);
        server_clock::follow(&database, &clock).await?;
        let keys = signing_keys::ensure(&database, &keyring, config.jwt_algorithm, clock.now()).await?;
        let metrics = Metrics::new(clock.now())?;
        let issuer = links.public_url().to_owned();
        let audience = config.token_audience.clone().unwrap_or_else(|| issuer.clone());
        Ok(Self(Arc::new(Parts {
            config: config.clone(),
            hasher: PasswordHasher::new(&config.argon2)?,
            cost_census: CostCensus::default(),
            signer: Signer::new(keys, issuer, audience, config.access_token_ttl),
            mailer: Arc::new(Mailer::new(&config.mail, config.mail_fallback.as_ref(), &mail_api_url, &metrics)?),
            mail_event_secrets: mail_event_secrets(config),
            policy: PasswordPolicy::new(&config.password),
            breached_passwords: BreachedPasswords::new(&config.password)?,
            job_queued: Notify::new(),
            session_lifetimes: SessionLifetimes { idle: config.sessions.idle_ttl, absolute: config.sessions.ttl },
            pressure: Arc::new(Pressure::new(&config.limits, clock.now())),
            recent_refusals: Arc::new(RecentRefusals::default()),
            clock,
            metrics,
            database,
            keyring,
            links,
        })))
    }
}

fn mail_event_secrets(config: &Config) -> Vec<(MailProviderKind, SecretString)> {
    let all = [Some(&config.mail), config.mail_fallback.as_ref()];
    all.into_iter().flatten().filter_map(|mail| Some((mail.provider, mail.webhook_secret.clone()?))).collect()
}
