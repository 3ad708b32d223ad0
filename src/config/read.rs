//! From environment variables to a [`Config`], or to everything that is wrong with them.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    thread,
    time::Duration,
};

use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{
    Argon2Config, Config, ConfigProblems, DatabaseUrl, Environment, JwtAlgorithm, LimitsConfig, OperationsListen,
    PasswordConfig, PasswordProfile, SessionConfig, cors, mail, page_paths::CHANGE_PASSWORD_PATH, reader::Reader,
    secret_key::SecretKeyBytes,
};

/// Argon2id may not cost less than this (PW-10; OWASP Password Storage Cheat Sheet).
const ARGON2_FLOOR_MEMORY_KIB: u64 = 19_456;
const ARGON2_FLOOR_ITERATIONS: u64 = 2;
/// A link in a mail stays on one line and within what clients make clickable (TK-13).
const LONGEST_LINK: usize = 200;
const TOKEN_CHARACTERS: usize = 43;

/// Reads all settings. In development it makes `secret.key` in the data directory on first use.
pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigProblems> {
    let mut reader = Reader::new(variables);
    let config = read_all(&mut reader);
    let problems = reader.into_problems();
    match config {
        Some(config) if problems.is_empty() => Ok(config),
        _ => Err(ConfigProblems(problems)),
    }
}

fn read_all(reader: &mut Reader) -> Option<Config> {
    let environment = reader.choice(
        "STAKIS_ENVIRONMENT",
        Environment::Development,
        &[("development", Environment::Development), ("production", Environment::Production)],
    );
    let production = environment == Environment::Production;
    let data_dir = PathBuf::from(reader.text("STAKIS_DATA_DIR").unwrap_or_else(|| "data".to_owned()));
    let public_url = public_url(reader, production);
    let reset_url = reset_url(reader, production);
    let pages = reader.switch("STAKIS_PAGES", true);
    if !pages && reset_url.is_none() {
        reader.problem(
            "STAKIS_RESET_URL must be set while STAKIS_PAGES is off: the mail's link has to lead somewhere",
        );
    }
    let secret_key = secret_key(reader, production, &data_dir);
    let mail = mail::first(reader, production);
    let mail_fallback = mail::fallback(reader, production, mail.as_ref());
    reader.check_limits();
    let seconds = Duration::from_secs;
    // A value is read even when an earlier one was wrong, so that all problems are said at once.
    let config = Config {
        environment,
        listen: address(reader, "STAKIS_LISTEN", 8080),
        database: database(reader, &data_dir),
        auto_migrate: reader.switch("STAKIS_AUTO_MIGRATE", false),
        secret_key_previous: secret_key_previous(reader),
        change_password_url: web_address(reader, "STAKIS_CHANGE_PASSWORD_URL", production),
        reset_link_ttl: seconds(reader.number("STAKIS_RESET_LINK_TTL_SECONDS", 3600, 1..=86_400)),
        reset_cooldown: seconds(reader.number(
            "STAKIS_RESET_COOLDOWN_SECONDS",
            300,
            u64::from(production)..=86_400,
        )),
        email_cooling_off: seconds(reader.number("STAKIS_EMAIL_COOLING_OFF_SECONDS", 86_400, 0..=2_592_000)),
        job_jitter: Duration::from_millis(reader.number(
            "STAKIS_JOB_JITTER_MS",
            if production { 1000 } else { 0 },
            0..=60_000,
        )),
        pages,
        docs: reader.switch("STAKIS_DOCS", true),
        password: password(reader, production),
        argon2: argon2(reader),
        access_token_ttl: seconds(reader.number("STAKIS_ACCESS_TOKEN_TTL_SECONDS", 600, 1..=900)),
        sessions: sessions(reader),
        limits: LimitsConfig::read(reader, production),
        jwt_algorithm: reader.choice(
            "STAKIS_JWT_ALGORITHM",
            JwtAlgorithm::Es256,
            &[("ES256", JwtAlgorithm::Es256), ("RS256", JwtAlgorithm::Rs256), ("EdDSA", JwtAlgorithm::EdDsa)],
        ),
        token_audience: reader.text("STAKIS_TOKEN_AUDIENCE"),
        operations: operations(reader),
        trusted_proxies: trusted_proxies(reader),
        cors_origins: cors::origins(reader, production),
        public_url,
        reset_url,
        mail: mail?,
        mail_fallback,
        secret_key: secret_key?,
    };
    Some(config)
}

fn address(reader: &mut Reader, name: &'static str, port: u16) -> SocketAddr {
    let default = SocketAddr::from(([127, 0, 0, 1], port));
    reader.parsed(name, "an address and a port, such as 127.0.0.1:8080").unwrap_or(default)
}

fn operations(reader: &mut Reader) -> Option<OperationsListen> {
    let name = "STAKIS_OPS_LISTEN";
    let text = reader.text(name);
    if text.as_deref() == Some("off") {
        return None;
    }
    Some(OperationsListen { address: address(reader, name, 9090), is_default: text.is_none() })
}

fn trusted_proxies(reader: &mut Reader) -> Vec<IpNet> {
    let text = reader.text("STAKIS_TRUSTED_PROXIES").unwrap_or_default();
    let networks = text.split(',').map(str::trim).filter(|network| !network.is_empty());
    let parsed = networks.map(|text| network(text).filter(|network| network.prefix_len() > 0));
    parsed.collect::<Option<_>>().unwrap_or_else(|| {
        // Where everybody is a proxy, everybody says who they are.
        reader.problem(
            "STAKIS_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, separated by commas, and not \
             everybody",
        );
        Vec::new()
    })
}

/// A network, or an address alone. Clients' addresses are compared in IPv4 where they are mapped from there.
fn network(text: &str) -> Option<IpNet> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(96)) {
        (address @ IpAddr::V4(_), Some(prefix)) if network.max_prefix_len() == 128 => {
            IpNet::new(address, prefix).ok()
        }
        _ => Some(network),
    }
}

/// An absolute http(s) address; https in production.
fn web_address(reader: &mut Reader, name: &'static str, production: bool) -> Option<Url> {
    let url: Url = reader.parsed(name, "an absolute https:// address")?;
    let secure = url.scheme() == "https" || (url.scheme() == "http" && !production);
    if !secure || url.host().is_none() || !url.username().is_empty() || url.password().is_some() {
        reader.problem(format!("{name} must be an absolute https:// address without a user name"));
    }
    Some(url)
}

fn public_url(reader: &mut Reader, production: bool) -> Option<Url> {
    let url = web_address(reader, "STAKIS_PUBLIC_URL", production);
    match &url {
        None if production => reader.problem("STAKIS_PUBLIC_URL must be set in production"),
        Some(url) if url.path() != "/" || url.query().is_some() || url.fragment().is_some() => {
            reader.problem("STAKIS_PUBLIC_URL must be scheme and host alone, such as https://identity.example.com");
        }
        Some(url)
            if url.as_str().len() + CHANGE_PASSWORD_PATH.len() + "#token=".len() + TOKEN_CHARACTERS
                > LONGEST_LINK =>
        {
            reader.problem(format!("STAKIS_PUBLIC_URL must make links of at most {LONGEST_LINK} characters"));
        }
        _ => {}
    }
    url
}

fn reset_url(reader: &mut Reader, production: bool) -> Option<String> {
    let name = "STAKIS_RESET_URL";
    web_address(reader, name, production);
    let template = reader.text(name)?;
    if template.matches("{token}").count() != 1 {
        reader.problem(format!("{name} must hold {{token}} exactly once"));
    }
    let link = template.replace("{token}", "");
    if link.len() + TOKEN_CHARACTERS > LONGEST_LINK {
        reader.problem(format!("{name} must make links of at most {LONGEST_LINK} characters"));
    }
    if !link.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~/:#=?".contains(&byte)) {
        reader.problem(format!("{name} may hold only letters, digits and -_.~/:#=?"));
    }
    Some(template)
}

fn database(reader: &mut Reader, data_dir: &std::path::Path) -> DatabaseUrl {
    let Some(url) = reader.secret("STAKIS_DATABASE_URL") else {
        return DatabaseUrl::Sqlite(data_dir.join("stakis.db"));
    };
    let text = url.expose_secret();
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return DatabaseUrl::Postgres(postgres_url(reader, text));
    }
    let path = text.strip_prefix("sqlite:").unwrap_or_default();
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.starts_with(":memory:") {
        reader.problem("STAKIS_DATABASE_URL must be sqlite:PATH or postgres://…");
    }
    DatabaseUrl::Sqlite(PathBuf::from(path))
}

/// Adds limits to how long a server that has vanished without a word is waited for. What libpq could not
/// read is refused here, since its own message would repeat the password.
fn postgres_url(reader: &mut Reader, text: &str) -> SecretString {
    const PATIENCE: [(&str, &str); 5] = [
        ("connect_timeout", "3"),
        ("tcp_user_timeout", "10000"),
        ("keepalives_idle", "30"),
        ("keepalives_interval", "5"),
        ("keepalives_count", "3"),
    ];
    let encoded = text
        .split('%')
        .skip(1)
        .all(|rest| rest.get(..2).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())));
    let Some(mut url) = Url::parse(text).ok().filter(|_| encoded) else {
        reader.problem(
            "STAKIS_DATABASE_URL must be postgres://user:password@host/database, special characters as %XX",
        );
        return SecretString::default();
    };
    for (name, value) in PATIENCE {
        if !url.query_pairs().any(|(given, _)| given == name) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    SecretString::from(url.to_string())
}

fn secret_key(reader: &mut Reader, production: bool, data_dir: &std::path::Path) -> Option<SecretKeyBytes> {
    let key = match reader.secret("STAKIS_SECRET_KEY") {
        Some(text) => SecretKeyBytes::parse(&text),
        None if production => Err("must be set in production (openssl rand -base64 32 makes one)".to_owned()),
        None => SecretKeyBytes::read_or_create(data_dir),
    };
    key.map_err(|problem| reader.problem(format!("STAKIS_SECRET_KEY {problem}"))).ok()
}

fn secret_key_previous(reader: &mut Reader) -> Option<SecretKeyBytes> {
    let text = reader.secret("STAKIS_SECRET_KEY_PREVIOUS")?;
    SecretKeyBytes::parse(&text)
        .map_err(|problem| reader.problem(format!("STAKIS_SECRET_KEY_PREVIOUS {problem}")))
        .ok()
}

/// Whether an address is on this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(domain)) => domain == "localhost",
        None => false,
    }
}

fn sessions(reader: &mut Reader) -> SessionConfig {
    const MONTH: u64 = 30 * 86_400;
    const YEAR: u64 = 365 * 86_400;
    let mut seconds = |name| Duration::from_secs(reader.number(name, MONTH, 1..=YEAR));
    let idle_ttl = seconds("STAKIS_REFRESH_TOKEN_TTL_SECONDS");
    let ttl = seconds("STAKIS_SESSION_TTL_SECONDS");
    let per_account = reader.number("STAKIS_SESSIONS_PER_ACCOUNT", 100, 1..=10_000);
    SessionConfig {
        idle_ttl,
        ttl,
        per_account: usize::try_from(per_account).unwrap_or(1),
        new_device_mail: reader.switch("STAKIS_NEW_DEVICE_MAIL", true),
    }
}

fn password(reader: &mut Reader, production: bool) -> PasswordConfig {
    let profile = reader.choice(
        "STAKIS_PASSWORD_PROFILE",
        PasswordProfile::Stakis,
        &[
            ("stakis", PasswordProfile::Stakis),
            ("standard", PasswordProfile::Standard),
            ("nist", PasswordProfile::Nist),
        ],
    );
    let min_length = reader
        .text("STAKIS_PASSWORD_MIN_LENGTH")
        .and_then(|_| usize::try_from(reader.number("STAKIS_PASSWORD_MIN_LENGTH", 6, 6..=64)).ok());
    let max_age_days = reader
        .text("STAKIS_PASSWORD_MAX_AGE_DAYS")
        .and_then(|_| u32::try_from(reader.number("STAKIS_PASSWORD_MAX_AGE_DAYS", 0, 0..=3650)).ok());
    let history = reader
        .text("STAKIS_PASSWORD_HISTORY")
        .and_then(|_| usize::try_from(reader.number("STAKIS_PASSWORD_HISTORY", 0, 0..=24)).ok());
    let breach_api_url = web_address(reader, "STAKIS_BREACH_API_URL", production);
    let breach_at_sign_in = reader.switch("STAKIS_BREACH_AT_SIGN_IN", false);
    if breach_at_sign_in && breach_api_url.is_none() {
        reader.problem("STAKIS_BREACH_AT_SIGN_IN needs STAKIS_BREACH_API_URL");
    }
    PasswordConfig { profile, min_length, max_age_days, history, breach_api_url, breach_at_sign_in }
}

fn argon2(reader: &mut Reader) -> Argon2Config {
    let mut number = |name, default, bounds: std::ops::RangeInclusive<u64>| {
        u32::try_from(reader.number(name, default, bounds)).unwrap_or(u32::MAX)
    };
    let floor = ARGON2_FLOOR_MEMORY_KIB;
    let memory_kib = number("STAKIS_ARGON2_MEMORY_KIB", floor, floor..=4_194_304);
    let iterations = number("STAKIS_ARGON2_ITERATIONS", 2, ARGON2_FLOOR_ITERATIONS..=100);
    let parallelism = number("STAKIS_ARGON2_PARALLELISM", 1, 1..=64);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let cores = u64::try_from(cores).unwrap_or(1);
    let concurrency = reader.number("STAKIS_HASH_CONCURRENCY", cores, 1..=1024);
    let concurrency = usize::try_from(concurrency).unwrap_or(1);
    Argon2Config { memory_kib, iterations, parallelism, concurrency }
}
