//! The parts of a running service.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use ipnet::IpNet;
use secrecy::SecretString;
use tokio::sync::Notify;
use url::Url;

use super::{build_error::BuildError, links::Links, signing_keys};
use crate::{
    config::{Config, JwtAlgorithm, LimitsConfig, MailProviderKind},
    crypto::{CostCensus, Keyring, PasswordHasher, Signer},
    limits::{Pressure, RecentRefusals},
    mail::Mailer,
    metrics::Metrics,
    policy::{BreachedPasswords, PasswordPolicy},
    store::{self, Database, StoreError, sessions::SessionLifetimes},
    types::{Clock, Fault, UtcTime},
};

/// What every use case works with.
pub struct App {
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
    /// By what the mail APIs' delivery events are known. Who is not in it is not listened to.
    pub mail_event_secrets: Vec<(MailProviderKind, SecretString)>,
    /// Which passwords are taken.
    pub policy: PasswordPolicy,
    /// Which passwords have leaked, where somebody is asked that.
    pub breached_passwords: Option<BreachedPasswords>,
    /// Addresses that leave the service.
    pub links: Links,
    /// Rung when a job has been queued, so that the worker need not wait for its next look.
    pub job_bell: Notify,
    /// A link's life from its hand-over.
    pub reset_link_ttl: Duration,
    /// How long a repeated request is swallowed.
    pub reset_cooldown: Duration,
    /// No link goes to an address that was changed so lately.
    pub email_cooling_off: Duration,
    /// What signing keys are made for.
    pub jwt_algorithm: JwtAlgorithm,
    /// Jobs start after a random delay up to this.
    pub job_jitter: Duration,
    /// How long sessions go on.
    pub session_lifetimes: SessionLifetimes,
    /// How many of them an account may have.
    pub sessions_per_account: usize,
    /// Whether a sign-in from a device not known before is told by mail.
    pub new_device_mail: bool,
    /// Whether somebody goes over many numbers.
    pub pressure: Arc<Pressure>,
    /// Whom the limits have just refused.
    pub recent_refusals: Arc<RecentRefusals>,
    /// How often what may be done.
    pub limits: LimitsConfig,
    /// Who is believed when it says on whose behalf it calls.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose front ends may read answers.
    pub cors_origins: Vec<String>,
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
        follow_server_clock(&database, &clock).await?;
        let keys = signing_keys::ensure(&database, &keyring, config.jwt_algorithm, clock.now()).await?;
        let metrics = Metrics::new(clock.now())?;
        let issuer = links.public_url().to_owned();
        let audience = config.token_audience.clone().unwrap_or_else(|| issuer.clone());
        Ok(Self {
            hasher: PasswordHasher::new(&config.argon2)?,
            cost_census: CostCensus::default(),
            signer: Signer::new(keys, issuer, audience, config.access_token_ttl),
            mailer: Arc::new(Mailer::new(&config.mail, config.mail_fallback.as_ref(), &mail_api_url, &metrics)?),
            mail_event_secrets: mail_event_secrets(config),
            policy: PasswordPolicy::new(&config.password),
            breached_passwords: BreachedPasswords::new(&config.password)?,
            job_bell: Notify::new(),
            reset_link_ttl: config.reset_link_ttl,
            reset_cooldown: config.reset_cooldown,
            email_cooling_off: config.email_cooling_off,
            jwt_algorithm: config.jwt_algorithm,
            job_jitter: config.job_jitter,
            session_lifetimes: SessionLifetimes {
                idle: TimeDelta::from_std(config.sessions.idle_ttl).unwrap_or(TimeDelta::MAX),
                absolute: TimeDelta::from_std(config.sessions.ttl).unwrap_or(TimeDelta::MAX),
            },
            sessions_per_account: config.sessions.per_account,
            new_device_mail: config.sessions.new_device_mail,
            pressure: Arc::new(Pressure::new(&config.limits, clock.now())),
            recent_refusals: Arc::new(RecentRefusals::default()),
            limits: config.limits,
            trusted_proxies: config.trusted_proxies.clone(),
            cors_origins: config.cors_origins.clone(),
            clock,
            metrics,
            database,
            keyring,
            links,
        })
    }

    /// Follows the database server's clock, by which all instances agree (OP-04).
    pub async fn follow_server_clock(&self) -> Result<(), Fault> {
        follow_server_clock(&self.database, &self.clock).await
    }

    /// Reads the signing keys again, at most once every few seconds: another instance may have made one.
    /// Where that fails the known ones go on serving.
    pub async fn reload_signing_keys(&self) {
        if !self.signer.may_reload(self.clock.now()) {
            return;
        }
        match signing_keys::load(&self.database, &self.keyring, self.clock.now()).await {
            Ok(keys) => self.signer.replace_keys(keys),
            Err(error) => tracing::error!(%error, "the signing keys could not be read again"),
        }
    }

    /// Forgets signing keys whose last token has expired.
    pub async fn forget_retired_signing_keys(&self) -> Result<(), Fault> {
        signing_keys::forget_retired(&self.database, self.clock.now()).await
    }

    /// Makes the next signing key, which is published at once and signs from the moment that is returned with
    /// its name. `None` while the one before still waits for its turn.
    pub async fn rotate_signing_key(&self, actor: &str) -> Result<Option<(String, UtcTime)>, BuildError> {
        let algorithm = self.jwt_algorithm;
        signing_keys::rotate(&self.database, &self.keyring, algorithm, actor.to_owned(), self.clock.now()).await
    }
}

fn mail_event_secrets(config: &Config) -> Vec<(MailProviderKind, SecretString)> {
    let all = [Some(&config.mail), config.mail_fallback.as_ref()];
    all.into_iter().flatten().filter_map(|mail| Some((mail.provider, mail.webhook_secret.clone()?))).collect()
}

/// Smaller differences are as likely to come from the way of the answer.
const NEGLIGIBLE: TimeDelta = TimeDelta::milliseconds(500);

async fn follow_server_clock(database: &Database, clock: &Arc<dyn Clock>) -> Result<(), Fault> {
    let own = clock.clone();
    let difference = database
        .read(move |tx| -> Result<_, StoreError> {
            // Directly around the question: the wait for a connection is none of the server's.
            let before = own.now();
            let server_time = store::server_time(tx)?;
            // As if the server had answered half-way.
            Ok(server_time.map(|server_time| server_time - (before + (own.now() - before) / 2)))
        })
        .await?;
    let Some(difference) = difference else { return Ok(()) };
    if difference.abs() > NEGLIGIBLE {
        tracing::warn!(
            milliseconds = difference.num_milliseconds(),
            "this machine's clock differs from the database server's, which is followed"
        );
        clock.adjust_by(difference);
    }
    Ok(())
}
