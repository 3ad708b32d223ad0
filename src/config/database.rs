//! The settings of the database: its address, and whether commands migrate it.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    environment::Environment,
    postgres_uri::{self, PostgresUri},
    setting::{
        Form, Group, Nothing, Objections, Reader, Secrecy, Setting, Span, Switch, Text, Value, Whole, not_allowed,
    },
};

pub(super) const GROUP: Group = Group {
    title: "Database",
    introduction: String::new,
    settings: &[&DATABASE_URL, &POOL_SIZE, &POOLER, &WAIT_SECONDS, &CERTIFICATES, &AUTO_MIGRATE],
};

/// The kind and the address of the database.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// The path of an SQLite file.
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

impl fmt::Display for DatabaseUrl {
    /// Names the database without the user, the password and the parameters.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "sqlite:{}", path.display()),
            Self::Postgres(url) => match PostgresUri::parse(url.expose_secret()) {
                Some(uri) => write!(formatter, "postgres://{}", uri.place()),
                None => formatter.write_str("postgres://…"),
            },
        }
    }
}

const DATABASE_URL: Setting<DatabaseForm, Nothing> = Setting {
    name: "STAKIS_DATABASE_URL",
    secrecy: Secrecy::Secret,
    form: DatabaseForm,
    unset: Nothing("required in production; in development the SQLite file `stakis.db` in `STAKIS_DATA_DIR`"),
    sentence: "The database: an SQLite file, for a single instance, or a PostgreSQL database, which several instances can \
               share. Every form of libpq's connection URIs is accepted. Special characters in a user name or a password \
               are written as `%XX`. In production a server on another host needs `sslmode=require` or stricter.",
};

pub(super) const AUTO_MIGRATE: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_AUTO_MIGRATE",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(false),
    sentence: "`on` lets every command bring the database to the version of the program in production, as it does in \
               development. With `off` run `stakis-identity migrate`.",
};

const POOL_SIZE: Setting<Whole<u32>, Value<u32>> = Setting {
    name: "STAKIS_DATABASE_POOL_SIZE",
    secrecy: Secrecy::Open,
    form: Whole { least: 2, most: 100 },
    unset: Value(8),
    sentence: "Connections to the database that one instance opens at most. A quarter of them is kept for requests: jobs in \
               the background do not take these.",
};

const WAIT_SECONDS: Setting<Span, Value<TimeDelta>> = Setting {
    name: "STAKIS_DATABASE_WAIT_SECONDS",
    secrecy: Secrecy::Open,
    form: Span::seconds(0, 3600),
    unset: Value(TimeDelta::seconds(60)),
    sentence: "Time that `serve` and `worker` wait at their start for a PostgreSQL server that cannot be reached yet.",
};

const POOLER: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_DATABASE_POOLER",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(false),
    sentence: "`on` where the address leads to a connection pooler that gives a server's connection to a client for one \
               transaction at a time, such as PgBouncer with `pool_mode = transaction`. Statements are then not prepared, and \
               every query runs in a transaction. `migrate` needs an address that leads to the server itself.",
};

const CERTIFICATES: Setting<Text, Nothing> = Setting {
    name: "STAKIS_DATABASE_CA",
    secrecy: Secrecy::Open,
    form: Text("the path of a file with certificates (PEM)"),
    unset: Nothing("those of the system, where the address has `sslmode=verify-full` or `sslrootcert=system`"),
    sentence: "Certificates of the authorities that may have signed the certificate of the PostgreSQL server.",
};

/// No setting needs another value.
const SILENT_AFTER: Duration = Duration::from_secs(15);

/// The settings of the database.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// The kind and the address of the database.
    pub url: DatabaseUrl,
    /// The most connections of this instance.
    pub pool_size: u32,
    /// Whether a connection pooler stands before the server.
    pub pooler: bool,
    /// How long work on a connection may take. The server ends a statement after 10 s, so a connection without an answer
    /// for longer than this is silent.
    pub silent_after: Duration,
    /// How long a start waits for a server that cannot be reached.
    pub wait: TimeDelta,
}

impl From<DatabaseUrl> for DatabaseConfig {
    /// A database with the defaults of all other settings.
    fn from(url: DatabaseUrl) -> Self {
        let environment = Environment::Development;
        Self {
            url,
            pool_size: POOL_SIZE.default(environment),
            pooler: POOLER.default(environment),
            silent_after: SILENT_AFTER,
            wait: WAIT_SECONDS.default(environment),
        }
    }
}

/// The database of the settings, or in development the SQLite file in the data folder.
pub(super) fn database(reader: &mut Reader, data_dir: &Path) -> DatabaseConfig {
    let certificates = CERTIFICATES.read(reader).map(PathBuf::from);
    let given = DATABASE_URL.read(reader);
    if given.is_none() && !DATABASE_URL.is_given(reader) && reader.environment().is_production() {
        DATABASE_URL.object(reader, ["is required in production"]);
    }
    let url = match given {
        None => DatabaseUrl::Sqlite(data_dir.join("stakis.db")),
        Some(DatabaseUrl::Sqlite(path)) => DatabaseUrl::Sqlite(path),
        Some(DatabaseUrl::Postgres(text)) => {
            DatabaseUrl::Postgres(for_libpq(reader, &text, certificates.as_deref()))
        }
    };
    DatabaseConfig {
        url,
        pool_size: POOL_SIZE.read(reader),
        pooler: POOLER.read(reader),
        silent_after: SILENT_AFTER,
        wait: WAIT_SECONDS.read(reader),
    }
}

/// Completes the address of a server, and refuses one that is not safe.
fn for_libpq(reader: &mut Reader, text: &SecretString, certificates: Option<&Path>) -> SecretString {
    let Some(uri) = PostgresUri::parse(text.expose_secret()) else { return text.clone() };
    if reader.environment().is_production() && uri.may_be_read_on_the_way() {
        DATABASE_URL.object(reader, [
            "must have sslmode=require, verify-ca or verify-full in production, unless the server is on this machine",
        ]);
    }
    let of_system = || openssl_probe::probe().cert_file;
    let certificates = match certificates {
        Some(file) => Some(file.to_owned()),
        None if uri.trusts_the_system() => {
            let found = of_system();
            if found.is_none() {
                CERTIFICATES.object(reader, ["is required: this system has no file of certificates"]);
            }
            found
        }
        None => None,
    };
    uri.for_libpq(certificates.as_deref())
}

struct DatabaseForm;

impl Form for DatabaseForm {
    type Value = DatabaseUrl;

    fn allowed(&self) -> String {
        "sqlite:PATH or postgres://user:password@host/database".to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<DatabaseUrl, Objections> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            if PostgresUri::parse(text).is_none() {
                return Err(vec![format!("must be {}", postgres_uri::ALLOWED)]);
            }
            return Ok(DatabaseUrl::Postgres(SecretString::from(text)));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or_default();
        let path = path.strip_prefix("//").unwrap_or(path);
        // Each connection to a database in memory would open a database of its own.
        if path.is_empty() || path.starts_with(":memory:") {
            return Err(not_allowed(self));
        }
        Ok(DatabaseUrl::Sqlite(PathBuf::from(path)))
    }
}
