//! Every setting's name: what is not here is a typing error.

/// One environment variable.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// Secrets can also be given as `<name>_FILE`, a file's path.
    pub secret: bool,
    /// What it does, as the README's table says it; a default in parentheses.
    pub meaning: &'static str,
}

const fn plain(name: &'static str, meaning: &'static str) -> Setting {
    Setting { name, secret: false, meaning }
}

const fn secret(name: &'static str, meaning: &'static str) -> Setting {
    Setting { name, secret: true, meaning }
}

/// Limits have names of their own each: `STAKIS_LIMIT_…`.
pub(super) const LIMIT_PREFIX: &str = "STAKIS_LIMIT_";

/// Every setting, in the README's order.
pub const SETTINGS: &[Setting] = &[
    plain("STAKIS_ENVIRONMENT", "`development` (default) or `production`"),
    plain("STAKIS_LISTEN", "public listener (`127.0.0.1:8080`)"),
    plain("STAKIS_PUBLIC_URL", "address people use; https in production (development: the listener's)"),
    plain("STAKIS_DATA_DIR", "folder for `secret.key` and the SQLite file (`data`)"),
    secret("STAKIS_DATABASE_URL", "`sqlite:PATH` or `postgres://…` (`sqlite:`, `stakis.db` in the data folder)"),
    plain("STAKIS_AUTO_MIGRATE", "`on` lets `serve` migrate in production too (`off`)"),
    secret("STAKIS_SECRET_KEY", "base64 of at least 32 random bytes (development: made on first start)"),
    secret("STAKIS_SECRET_KEY_PREVIOUS", "the key before it, while links made under it live"),
    plain(
        "STAKIS_RESET_URL",
        "the mail's link, with `{token}` (the hosted page; required with `STAKIS_PAGES=off`)",
    ),
    plain("STAKIS_CHANGE_PASSWORD_URL", "where `/.well-known/change-password` leads while the pages are off"),
    plain("STAKIS_RESET_LINK_TTL_SECONDS", "a link's life from its hand-over, 1 to 86400 (`3600`)"),
    plain("STAKIS_RESET_COOLDOWN_SECONDS", "a repeat within it sends no mail; 0 outside production only (`300`)"),
    plain(
        "STAKIS_EMAIL_COOLING_OFF_SECONDS",
        "no link goes to an address on file that was changed so lately (`86400`)",
    ),
    plain("STAKIS_JOB_JITTER_MS", "random delay before a background job (production `1000`, development `0`)"),
    plain("STAKIS_MAIL_PROVIDER", "`mailpit` (development only), `resend`, `brevo`, `postmark` or `sendgrid`"),
    plain(
        "STAKIS_MAIL_API_URL",
        "the mail API's base address (the provider's own; for `mailpit` the embedded mailbox)",
    ),
    secret("STAKIS_MAIL_API_KEY", "its key, required but for `mailpit` (there `user:password`)"),
    plain("STAKIS_MAIL_FROM", "the sender (`internal@topmotive.eu`)"),
    plain("STAKIS_PAGES", "`on` (default) or `off`: the hosted pages"),
    plain("STAKIS_DOCS", "`on` (default) or `off`: `/docs` and `/openapi.json`"),
    plain(
        "STAKIS_PASSWORD_PROFILE",
        "`stakis` (default; 6 characters, mixed below 15, 180 days), `standard` (8, no expiry) or `nist` (15, no expiry)",
    ),
    plain("STAKIS_PASSWORD_MIN_LENGTH", "overrides the profile's minimum, 6 to 64 characters"),
    plain("STAKIS_PASSWORD_MAX_AGE_DAYS", "overrides the profile's maximum age; 0 switches it off"),
    plain(
        "STAKIS_PASSWORD_HISTORY",
        "passwords before the present one that may not come back (`0`, in `stakis` `3`)",
    ),
    plain(
        "STAKIS_BREACH_API_URL",
        "a Have I Been Pwned range API, such as `https://api.pwnedpasswords.com` (none: the embedded list alone)",
    ),
    plain(
        "STAKIS_BREACH_AT_SIGN_IN",
        "`on`: a leaked password has to be changed through the reset mail (`off`); needs `STAKIS_BREACH_API_URL`",
    ),
    plain("STAKIS_ARGON2_MEMORY_KIB", "argon2id memory, at least `19456` (default)"),
    plain("STAKIS_ARGON2_ITERATIONS", "argon2id passes, at least `2` (default)"),
    plain("STAKIS_ARGON2_PARALLELISM", "argon2id lanes (`1`)"),
    plain("STAKIS_HASH_CONCURRENCY", "password hashes computed at once (number of cores)"),
    plain("STAKIS_ACCESS_TOKEN_TTL_SECONDS", "an access token's life, 1 to 900 (`600`)"),
    plain("STAKIS_REFRESH_TOKEN_TTL_SECONDS", "a session unused for so long has ended (`2592000`, 30 days)"),
    plain("STAKIS_SESSION_TTL_SECONDS", "a session ends so long after sign-in, used or not (`2592000`)"),
    plain("STAKIS_SESSIONS_PER_ACCOUNT", "one more ends the session unused for longest (`100`)"),
    plain("STAKIS_NEW_DEVICE_MAIL", "`on` (default) or `off`: tells of a sign-in from a device not known before"),
    plain("STAKIS_JWT_ALGORITHM", "`ES256` (default), `RS256` or `EdDSA`, for keys made from now on"),
    plain("STAKIS_TOKEN_AUDIENCE", "`aud` of access tokens (the public URL)"),
    plain("STAKIS_OPS_LISTEN", "operations listener, for `GET /metrics` alone, or `off` (`127.0.0.1:9090`)"),
    plain(
        "STAKIS_TRUSTED_PROXIES",
        "networks such as `10.0.0.0/8`, by commas, whose `X-Forwarded-For` or `Forwarded` is believed (none)",
    ),
    plain(
        "STAKIS_CORS_ORIGINS",
        "origins such as `https://www.example.com`, by commas, whose front ends may call from the browser (none)",
    ),
    secret(
        "STAKIS_MAIL_WEBHOOK_SECRET",
        "opens `POST /v1/mail-events/{provider}`: Resend's `whsec_…`, SendGrid's public key, else `user:password`",
    ),
    plain("STAKIS_MAIL_FALLBACK_PROVIDER", "a second mail API, for while the first one fails (none)"),
    plain("STAKIS_MAIL_FALLBACK_API_URL", "its base address"),
    secret("STAKIS_MAIL_FALLBACK_API_KEY", "its key"),
    plain("STAKIS_MAIL_FALLBACK_FROM", "its sender (as `STAKIS_MAIL_FROM`)"),
    secret("STAKIS_MAIL_FALLBACK_WEBHOOK_SECRET", "opens its delivery events"),
    plain(
        "STAKIS_LIMIT_RESET_SOURCE",
        "reset requests of one address (IPv6: a /64): even a workshop of fifty needs few (`60/1h`)",
    ),
    plain(
        "STAKIS_LIMIT_RESET_NETWORK",
        "reset requests of one /24 (IPv6: a /56): a mobile network's customers share one (`300/1h`)",
    ),
    plain(
        "STAKIS_LIMIT_RESET_NUMBERS",
        "*different* numbers that one address (IPv6: a /56) asks a reset for: nobody has many (`10/1h`)",
    ),
    plain(
        "STAKIS_LIMIT_SIGN_IN_SOURCE",
        "sign-ins from unknown devices of one address (IPv6: a /56): room for fifty people who mistype (`600/1h`)",
    ),
    plain(
        "STAKIS_LIMIT_SIGN_IN_NUMBERS",
        "*different* numbers that unknown devices of one address (IPv6: a /56) try: what a sprayer needs (`20/1h`)",
    ),
    plain(
        "STAKIS_LIMIT_UNKNOWN_TOKENS",
        "unknown links and refresh tokens from one address (IPv6: a /56): nobody can guess one, so this only stops noise (`30/10m`)",
    ),
    plain(
        "STAKIS_LIMIT_RESET_MAILS",
        "reset mails to one number, and to one address: a mailbox must not be flooded (`3/1h`)",
    ),
    plain(
        "STAKIS_LIMIT_RESET_MAILS_DAILY",
        "the same for a day; the mail that uses it up has a link that lives until the next may go (`6/1d`)",
    ),
    plain(
        "STAKIS_LIMIT_RESET_MAILS_TOTAL",
        "reset mails in all; beyond it a first mail for each further network, from a reserve of the same size (`1000/1h`)",
    ),
    plain(
        "STAKIS_LIMIT_SPRAY",
        "numbers at which sign-ins fail, over all sources, and fail more than they succeed: then a proof of work is asked for; the period is that of `STAKIS_LIMIT_RESET_SURGE` (`100/10m`)",
    ),
    plain(
        "STAKIS_LIMIT_RESET_SURGE",
        "numbers that a reset is asked for, over all sources: then a proof of work is asked for (`300/10m`)",
    ),
    plain("STAKIS_LIMIT_SUPPORT_DIAGNOSIS", "diagnoses that one client may ask for (`60/1m`)"),
    plain("STAKIS_LIMITS", "`on` (default) or `off`, for load tests: turns nobody away; refused in production"),
];

/// Whether a variable is somebody else's: our tests', or what Kubernetes injects for every service.
pub(super) fn is_passed_over(name: &str, value: &str) -> bool {
    name.starts_with("STAKIS_TEST_")
        || name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || (name.contains("_PORT") && value.starts_with("tcp://"))
        || (name.contains("_PORT_") && ["_PROTO", "_PORT", "_ADDR"].iter().any(|end| name.ends_with(end)))
}

/// The known name that was probably meant.
pub(super) fn nearest(name: &str) -> &'static str {
    SETTINGS
        .iter()
        .map(|setting| setting.name)
        .min_by_key(|known| strsim::damerau_levenshtein(known, name))
        .unwrap_or("STAKIS_ENVIRONMENT")
}
