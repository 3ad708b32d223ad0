//! The settings: read once, checked as a whole, and passed on as values. Nothing else reads the environment.

mod cors;
mod limits;
mod mail;
mod names;
mod page_paths;
mod read;
mod reader;
mod secret_key;

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

pub use limits::{Limit, LimitsConfig};
pub use names::{SETTINGS, Setting};
pub use page_paths::{CHANGE_PASSWORD_PATH, NOT_ME_PATH, WITHDRAW_RESET_PATH};
pub use read::{is_loopback, read};
pub use secret_key::SecretKeyBytes;

/// Whether unsafe conveniences are at hand or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Embedded mailbox, generated secret key, pretty logs.
    Development,
    /// Refuses to start on anything unsafe (CF-01).
    Production,
}

/// Which database, and how to reach it.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A file of the embedded SQLite.
    Sqlite(PathBuf),
    /// A libpq connection URL; it may hold a password.
    Postgres(SecretString),
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "sqlite:{}", path.display()),
            Self::Postgres(_) => formatter.write_str("postgres://…"),
        }
    }
}

/// The mail APIs that can be spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailProviderKind {
    /// Mailpit's `POST /api/v1/send`; also the embedded mailbox. Development only.
    Mailpit,
    /// Resend's `POST /emails`.
    Resend,
    /// Brevo's `POST /v3/smtp/email`.
    Brevo,
    /// Postmark's `POST /email`.
    Postmark,
    /// Twilio SendGrid's `POST /v3/mail/send`.
    SendGrid,
}

impl MailProviderKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Mailpit, Self::Resend, Self::Brevo, Self::Postmark, Self::SendGrid];

    /// The name as in the settings, in the table of mails and in `/v1/mail-events/{provider}`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mailpit => "mailpit",
            Self::Resend => "resend",
            Self::Brevo => "brevo",
            Self::Postmark => "postmark",
            Self::SendGrid => "sendgrid",
        }
    }

    /// Where it is, unless the settings say otherwise. Mailpit is wherever it was started.
    const fn public_address(self) -> Option<&'static str> {
        match self {
            Self::Mailpit => None,
            Self::Resend => Some("https://api.resend.com"),
            Self::Brevo => Some("https://api.brevo.com"),
            Self::Postmark => Some("https://api.postmarkapp.com"),
            Self::SendGrid => Some("https://api.sendgrid.com"),
        }
    }
}

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Which API to speak.
    pub provider: MailProviderKind,
    /// Its base address. `None` means the embedded mailbox, which exists in development alone.
    pub api_url: Option<Url>,
    /// The key for it.
    pub api_key: Option<SecretString>,
    /// The sender's address.
    pub from: crate::types::EmailAddress,
    /// By which its delivery events are known; `None` leaves their address closed (WH-03).
    pub webhook_secret: Option<SecretString>,
}

/// The password profiles of the product (PW-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProfile {
    /// The customer guide, literally: 6 characters, composition below 15, 180 days.
    Stakis,
    /// 8 characters, no composition rule, no expiry.
    Standard,
    /// 15 characters, no composition rule, no expiry (NIST SP 800-63B-4, password as the only factor).
    Nist,
}

impl PasswordProfile {
    /// The name as in the setting and in `GET /v1/password-policy`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stakis => "stakis",
            Self::Standard => "standard",
            Self::Nist => "nist",
        }
    }
}

/// Profile and single overrides.
#[derive(Debug, Clone)]
pub struct PasswordConfig {
    /// The starting point.
    pub profile: PasswordProfile,
    /// Overrides the profile's minimum length, in code points.
    pub min_length: Option<usize>,
    /// Overrides the profile's maximum age, in days; 0 switches expiry off.
    pub max_age_days: Option<u32>,
    /// Overrides how many passwords before the present one may not come back.
    pub history: Option<usize>,
    /// The range API that knows leaked passwords; `None` leaves it at the embedded list.
    pub breach_api_url: Option<Url>,
    /// Whether a leaked password is refused at sign-in too.
    pub breach_at_sign_in: bool,
}

/// How long sessions go on and how many there may be (LG-08, LG-12).
#[derive(Debug, Clone, Copy)]
pub struct SessionConfig {
    /// A session that was not used for so long has ended.
    pub idle_ttl: Duration,
    /// A session ends so long after it began.
    pub ttl: Duration,
    /// One more ends the session of the account that was not used for longest.
    pub per_account: usize,
    /// Whether a sign-in from a device not known before is told by mail.
    pub new_device_mail: bool,
}

/// Cost of one password hash (RFC 9106).
#[derive(Debug, Clone, Copy)]
pub struct Argon2Config {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// How many hashes are computed at once.
    pub concurrency: usize,
}

/// The algorithms an access token can be signed with (JW-03).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JwtAlgorithm {
    /// ECDSA on P-256.
    Es256,
    /// RSA with 3072 bits.
    Rs256,
    /// Ed25519.
    EdDsa,
}

impl JwtAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Rs256, Self::EdDsa];

    /// The name in JWA (RFC 7518 §3.1; RFC 8037 §3.1).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// Where metrics are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationsListen {
    /// The address to bind.
    pub address: SocketAddr,
    /// Whether nobody asked for it.
    pub is_default: bool,
}

/// Everything the service can be told from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// Development or production.
    pub environment: Environment,
    /// Where the public listener binds.
    pub listen: SocketAddr,
    /// Where the operations listener binds; `None` where there is none.
    pub operations: Option<OperationsListen>,
    /// Proxies that are believed when they name the client (RL-07).
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose front ends may read answers, each exactly as a browser sends it (AP-08).
    pub cors_origins: Vec<String>,
    /// The address people and partners use, without a trailing slash. In development it follows the
    /// listener where it is not set.
    pub public_url: Option<Url>,
    /// SQLite or PostgreSQL.
    pub database: DatabaseUrl,
    /// Whether `serve` may migrate in production.
    pub auto_migrate: bool,
    /// The key everything secret is derived from, and the one before it.
    pub secret_key: SecretKeyBytes,
    /// Still accepted for what was made under it (CF-03).
    pub secret_key_previous: Option<SecretKeyBytes>,
    /// The mail's link, with `{token}` in it; `None` means the hosted page.
    pub reset_url: Option<String>,
    /// Where `/.well-known/change-password` leads while the pages are off.
    pub change_password_url: Option<Url>,
    /// A link's life from its hand-over.
    pub reset_link_ttl: Duration,
    /// How long a repeated request is swallowed.
    pub reset_cooldown: Duration,
    /// No link goes to an address on file that was changed so lately (AD-05).
    pub email_cooling_off: Duration,
    /// Background jobs start after a random delay up to this (RQ-02).
    pub job_jitter: Duration,
    /// How mail leaves.
    pub mail: MailConfig,
    /// How it leaves while that does not work.
    pub mail_fallback: Option<MailConfig>,
    /// Whether the hosted pages exist.
    pub pages: bool,
    /// Whether `/docs` and `/openapi.json` exist (AP-15).
    pub docs: bool,
    /// Which passwords are taken.
    pub password: PasswordConfig,
    /// What a hash costs.
    pub argon2: Argon2Config,
    /// An access token's life (JW-08).
    pub access_token_ttl: Duration,
    /// How long sessions go on.
    pub sessions: SessionConfig,
    /// Who is turned away.
    pub limits: LimitsConfig,
    /// What new signing keys are made for.
    pub jwt_algorithm: JwtAlgorithm,
    /// The `aud` of access tokens; the public URL where it is not set.
    pub token_audience: Option<String>,
}

/// All that is wrong with the settings, at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the settings are not safe to start with:\n{}", .0.iter().map(|problem| format!("  - {problem}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigProblems(pub Vec<String>);
