//! Reads a [`Config`] from environment variables, or reports everything that is wrong with them.

use std::{net::SocketAddr, path::PathBuf};

use chrono::TimeDelta;
use ipnet::IpNet;
use url::Url;

use super::{
    audit::audit_keep,
    brand::brand,
    cors::cors_origins,
    database::{AUTO_MIGRATE, DatabaseConfig, database},
    email::{EmailConfig, email},
    environment::Environment,
    installation::{DATA_DIR, ENVIRONMENT},
    limits::LimitsConfig,
    listeners::{
        DRAIN_SECONDS, LISTEN, OperationsListen, ProxyHeader, TRUSTED_PROXY_HEADER, operations, public_url,
        trusted_proxies,
    },
    mail::{MailConfig, mail, mail_fallback},
    pages::{DOCS, HOME_URL, PAGES, SIGN_IN_URL},
    passwords::{Argon2Config, PasswordConfig, argon2, password},
    reset_link::{CHANGE_PASSWORD_URL, JOB_JITTER, RESET_COOLDOWN, RESET_LINK_TTL, reset_url},
    secret_key::{SECRET_KEY_PREVIOUS, SecretKeyBytes, secret_key},
    security_contact::SECURITY_CONTACT,
    sessions::{ACCESS_TOKEN_TTL, JWT_ALGORITHM, JwtAlgorithm, SessionConfig, TOKEN_AUDIENCE, sessions},
    setting::Reader,
    support_page::{SupportPageConfig, support_page},
    unknown_names::refuse_unknown_names,
    webhooks::{WebhookConfig, webhooks},
};
use crate::brand::Brand;

/// The values of all settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whether unsafe settings are refused.
    pub environment: Environment,
    /// The address of the public listener.
    pub listen: SocketAddr,
    /// The operations listener; `None` where it is off.
    pub operations: Option<OperationsListen>,
    /// The proxies whose headers name the client (RL-07).
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they do.
    pub trusted_proxy_header: ProxyHeader,
    /// The origins whose front ends may read answers, each exactly as a browser sends it (AP-08).
    pub cors_origins: Vec<String>,
    /// How long calls are served after the signal to stop, while load balancers are told to send no more.
    pub drain: TimeDelta,
    /// The address that people and partners use. `None` means the address of the public listener, in development.
    pub public_url: Option<Url>,
    /// The database, and how it is reached.
    pub database: DatabaseConfig,
    /// Whether commands migrate the database in production.
    pub auto_migrate: bool,
    /// The key that every other secret is derived from.
    pub secret_key: SecretKeyBytes,
    /// The previous secret key, which is still accepted for what was made with it (CF-03).
    pub secret_key_previous: Option<SecretKeyBytes>,
    /// The template of the link in the reset mail, with `{token}` in it. `None` means the hosted page.
    pub reset_url: Option<String>,
    /// The address that `/.well-known/change-password` redirects to while the hosted pages are off.
    pub change_password_url: Option<Url>,
    /// The lifetime of a reset link, which begins when its mail is handed over.
    pub reset_link_ttl: TimeDelta,
    /// The time after a reset request during which a repeated one sends no mail.
    pub reset_cooldown: TimeDelta,
    /// How owners look after the address on file, and lock their access down.
    pub email: EmailConfig,
    /// The longest random delay before the job of a reset request starts (RQ-02).
    pub job_jitter: TimeDelta,
    /// The mail API that sends mails.
    pub mail: MailConfig,
    /// The mail API that takes over while the first one fails.
    pub mail_fallback: Option<MailConfig>,
    /// Whether the hosted pages are served.
    pub pages: bool,
    /// The page to which "sign in" leads. `None` means the hosted page.
    pub sign_in_url: Option<Url>,
    /// The page on which a signed-in customer goes on.
    pub home_url: Option<Url>,
    /// How the operations listener serves the support page; `None` where it is off.
    pub support_page: Option<SupportPageConfig>,
    /// The look of pages and mails, and the contacts that texts name.
    pub brand: Box<Brand>,
    /// Whether `/docs`, `/openapi.json` and `/llms.txt` are served (AP-15).
    pub docs: bool,
    /// The URI of the contact for reports of security holes. `None` where there is no `/.well-known/security.txt` (OP-07).
    pub security_contact: Option<String>,
    /// The password policy, as far as settings decide it.
    pub password: PasswordConfig,
    /// The cost of a password hash.
    pub argon2: Argon2Config,
    /// The lifetime of an access token (JW-08).
    pub access_token_ttl: TimeDelta,
    /// The lifetimes of sessions, and their number for an account.
    pub sessions: SessionConfig,
    /// The limits against guessing and floods.
    pub limits: LimitsConfig,
    /// Where webhooks may be sent to.
    pub webhooks: WebhookConfig,
    /// The algorithm that new signing keys are made for.
    pub jwt_algorithm: JwtAlgorithm,
    /// How long entries of the audit trail are kept; `None` where they are never deleted.
    pub audit_keep: Option<TimeDelta>,
    /// The `aud` of access tokens. `None` means the public address.
    pub token_audience: Option<String>,
    /// What an operator should mend, though the service starts.
    pub warnings: Vec<String>,
}

impl Config {
    /// Whether customers change their address themselves: the settings let them, and the links in the mails have a page
    /// to lead to.
    #[must_use]
    pub const fn offers_email_self_service(&self) -> bool {
        self.email.self_service && (self.pages || self.email.change_url.is_some())
    }
}

/// Every problem with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the settings are not safe to start with:\n{}", .0.iter().map(|problem| format!("  - {problem}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigProblems(pub Vec<String>);

/// Reads all settings. In development it makes `secret.key` in the data folder on first use.
pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigProblems> {
    let mut reader = Reader::new(variables);
    refuse_unknown_names(&mut reader);
    let environment = ENVIRONMENT.read(&mut reader);
    reader.set_environment(environment);
    let config = read_all(&mut reader, environment);
    let problems = reader.into_problems();
    match config {
        Some(config) if problems.is_empty() => Ok(config),
        _ => Err(ConfigProblems(problems)),
    }
}

/// Reads the settings of the brand alone, for what shows nothing else.
pub fn read_brand(variables: impl IntoIterator<Item = (String, String)>) -> Result<Brand, ConfigProblems> {
    let mut reader = Reader::new(variables);
    let brand = brand(&mut reader);
    let problems = reader.into_problems();
    match brand {
        Some(brand) if problems.is_empty() => Ok(brand),
        _ => Err(ConfigProblems(problems)),
    }
}

/// Reads every setting even where an earlier one is wrong, so that all problems are reported at once.
fn read_all(reader: &mut Reader, environment: Environment) -> Option<Config> {
    let data_dir = PathBuf::from(DATA_DIR.read(reader));
    let pages = PAGES.read(reader);
    let secret_key = secret_key(reader, &data_dir);
    let mail = mail(reader);
    let mail_fallback = mail_fallback(reader, mail.as_ref());
    let brand = brand(reader);
    let config = Config {
        environment,
        listen: LISTEN.read(reader),
        operations: operations(reader),
        trusted_proxies: trusted_proxies(reader),
        trusted_proxy_header: TRUSTED_PROXY_HEADER.read(reader),
        cors_origins: cors_origins(reader),
        drain: DRAIN_SECONDS.read(reader),
        public_url: public_url(reader),
        database: database(reader, &data_dir),
        auto_migrate: AUTO_MIGRATE.read(reader),
        secret_key_previous: SECRET_KEY_PREVIOUS.read(reader),
        reset_url: reset_url(reader, pages),
        change_password_url: CHANGE_PASSWORD_URL.read(reader),
        reset_link_ttl: RESET_LINK_TTL.read(reader),
        reset_cooldown: RESET_COOLDOWN.read(reader),
        email: email(reader, pages),
        job_jitter: JOB_JITTER.read(reader),
        mail_fallback,
        pages,
        sign_in_url: SIGN_IN_URL.read(reader),
        home_url: HOME_URL.read(reader),
        support_page: support_page(reader),
        docs: DOCS.read(reader),
        security_contact: SECURITY_CONTACT.read(reader),
        password: password(reader),
        argon2: argon2(reader),
        access_token_ttl: ACCESS_TOKEN_TTL.read(reader),
        sessions: sessions(reader),
        limits: LimitsConfig::read(reader),
        webhooks: webhooks(reader),
        jwt_algorithm: JWT_ALGORITHM.read(reader),
        audit_keep: audit_keep(reader),
        token_audience: TOKEN_AUDIENCE.read(reader),
        secret_key: secret_key?,
        mail: mail?,
        brand: Box::new(brand?),
        warnings: reader.take_warnings(),
    };
    Some(config)
}
