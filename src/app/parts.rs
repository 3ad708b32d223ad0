//! The parts of a running service.

use std::{ops::Deref, sync::Arc};

use secrecy::SecretString;
use tokio::sync::{Notify, Semaphore};
use url::Url;

use super::{build_error::BuildError, links::Links, readiness::Readiness, server_clock, signing_keys};
use crate::{
    config::{Config, DatabaseUrl, MailProviderKind},
    crypto::{CostCensus, Keyring, PasswordHasher, Signer},
    inbound::Bound,
    limits::{Pressure, RecentRefusals, Turns},
    mail::{MailboxWatch, Mailer},
    metrics::{Known, Metrics},
    outbound::{Collector, TargetRules, WebhookClient},
    policy::{BreachedPasswords, PasswordPolicy},
    store::{Database, reset_requests::RequestOutcome, sessions::SessionLifetimes},
    telemetry::Tracer,
    types::{Clock, Fault},
};

/// How many calls of mail APIs may be read at once before their signature can be checked. A body has up to 256 KiB.
const EVENT_READERS: usize = 16;

/// A handle to the parts of a running service. A clone is cheap.
#[derive(Clone)]
pub struct App(Arc<Parts>);

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The parts of a running service, which every use case works with.
pub struct Parts {
    /// The settings that the service was started with.
    pub config: Config,
    /// The one source of time.
    pub clock: Arc<dyn Clock>,
    /// Begins the spans of traces.
    pub tracer: Tracer,
    /// The counters of this process.
    pub metrics: Metrics,
    /// The database with all tables.
    pub database: Database,
    /// Hashes and verifies passwords with argon2id.
    pub hasher: PasswordHasher,
    /// How many stored hashes have each cost, kept for a while (PW-13).
    pub cost_census: CostCensus,
    /// Derives tokens and seals signing keys with the secret key.
    pub keyring: Arc<Keyring>,
    /// Signs and verifies access tokens.
    pub signer: Signer,
    /// Hands mails to the mail API, or to the one to fall back on.
    pub mailer: Arc<Mailer>,
    /// What is remembered of the providers of mailboxes.
    pub mailbox_watch: MailboxWatch,
    /// Webhook secrets by mail API. A mail API without one gets 404.
    pub mail_event_secrets: Vec<(MailProviderKind, SecretString)>,
    /// A permit for each call of a mail API that may be read before it is known to be authentic.
    pub event_readers: Semaphore,
    /// The rules for new passwords.
    pub policy: PasswordPolicy,
    /// The client of the breach API; `None` where the settings name none.
    pub breached_passwords: Option<BreachedPasswords>,
    /// Posts events to the endpoints of machine clients.
    pub(crate) webhooks: WebhookClient,
    /// Builds the addresses in mails and answers.
    pub links: Links,
    /// Wakes the worker when a job is queued.
    pub job_queued: Notify,
    /// The idle and the absolute lifetime of sessions.
    pub session_lifetimes: SessionLifetimes,
    /// Detects attacks that go over many customer numbers (RL-05).
    pub pressure: Arc<Pressure>,
    /// The sources that were refused a moment ago.
    pub recent_refusals: Arc<RecentRefusals>,
    /// Whether load balancers should send requests here.
    pub readiness: Readiness,
    /// Whose turn it is where one caller acts at a time.
    pub turns: Arc<Turns>,
}

impl App {
    /// Puts the parts together. The database must be migrated; the first start makes the first signing key.
    /// `public_url` and `mail_api_url` are the addresses of the settings or, in development, those of the listeners.
    pub async fn build(
        config: &Config,
        public_url: &Url,
        mail_api_url: Url,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, BuildError> {
        let metrics = Metrics::new(clock.now(), &known_to_metrics(config))?;
        let database = Database::new(&config.database, clock.clone()).measured_by(&metrics.database);
        let keyring = Arc::new(Keyring::new(&config.secret_key, config.secret_key_previous.as_ref())?);
        let links = Links::new(config, public_url);
        server_clock::follow(&database, &clock).await?;
        let keys = signing_keys::ensure(&database, &keyring, config.jwt_algorithm, clock.now()).await?;
        let issuer = links.public_url().to_owned();
        let audience = config.token_audience.clone().unwrap_or_else(|| issuer.clone());
        Ok(Self(Arc::new(Parts {
            config: config.clone(),
            hasher: PasswordHasher::new(&config.argon2)?.measured_by(&metrics.hashes),
            cost_census: CostCensus::default(),
            signer: Signer::new(keys, issuer, audience, config.access_token_ttl),
            mailer: Arc::new(Mailer::new(
                &config.mail,
                config.mail_fallback.as_ref(),
                &mail_api_url,
                &metrics.alarms,
            )?),
            mailbox_watch: MailboxWatch::default(),
            mail_event_secrets: mail_event_secrets(config),
            event_readers: Semaphore::new(EVENT_READERS),
            policy: PasswordPolicy::new(&config.password),
            breached_passwords: BreachedPasswords::new(&config.password)?,
            webhooks: WebhookClient::new(webhook_targets(config, public_url))?,
            job_queued: Notify::new(),
            session_lifetimes: SessionLifetimes { idle: config.sessions.idle_ttl, absolute: config.sessions.ttl },
            pressure: Arc::new(Pressure::new(&config.limits, clock.now())),
            recent_refusals: Arc::new(RecentRefusals::default()),
            readiness: Readiness::default(),
            turns: Arc::new(Turns::default()),
            tracer: tracer(config)?,
            clock,
            metrics,
            database,
            keyring,
            links,
        })))
    }
}

/// The values of labels that the metrics cannot know by themselves.
fn known_to_metrics(config: &Config) -> Known {
    let mails = [Some(&config.mail), config.mail_fallback.as_ref()].into_iter().flatten();
    Known {
        version: env!("CARGO_PKG_VERSION"),
        database: match config.database.url {
            DatabaseUrl::Sqlite(_) => "sqlite",
            DatabaseUrl::Postgres(_) => "postgres",
        },
        mail_providers: mails.map(|mail| mail.provider.as_str()).collect(),
        reset_outcomes: RequestOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect(),
        connection_bounds: Bound::ALL.iter().map(|bound| bound.as_str()).collect(),
    }
}

/// Where webhooks may be sent to: not to this service itself.
fn webhook_targets(config: &Config, public_url: &Url) -> TargetRules {
    let config = &config.webhooks;
    let own_host = public_url.domain().map(str::to_owned);
    TargetRules { ports: config.ports.clone(), allow: config.allow.clone(), own_host }
}

/// The tracer of the settings. Without a collector it records nothing.
fn tracer(config: &Config) -> Result<Tracer, Fault> {
    let Some(traces) = &config.traces else { return Ok(Tracer::default()) };
    Ok(Tracer::recording(Collector::new(&traces.url)?, traces.sample))
}

fn mail_event_secrets(config: &Config) -> Vec<(MailProviderKind, SecretString)> {
    let all = [Some(&config.mail), config.mail_fallback.as_ref()];
    all.into_iter().flatten().filter_map(|mail| Some((mail.provider, mail.webhook_secret.clone()?))).collect()
}
