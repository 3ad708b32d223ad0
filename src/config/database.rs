//! The settings of the database: its address, and whether commands migrate it.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use url::Url;

use super::{
    environment::Environment,
    setting::{Form, Group, Nothing, Objections, Reader, Secrecy, Setting, Switch, Value, not_allowed},
};

pub(super) const GROUP: Group =
    Group { title: "Database", introduction: String::new, settings: &[&DATABASE_URL, &AUTO_MIGRATE] };

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

const DATABASE_URL: Setting<DatabaseForm, Nothing> = Setting {
    name: "STAKIS_DATABASE_URL",
    secrecy: Secrecy::Secret,
    form: DatabaseForm,
    unset: Nothing("the SQLite file `stakis.db` in `STAKIS_DATA_DIR`"),
    sentence: "The database: an SQLite file, for a single instance, or a PostgreSQL database, which several instances can \
               share. Special characters in a user name or a password are written as `%XX`.",
};

pub(super) const AUTO_MIGRATE: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_AUTO_MIGRATE",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(false),
    sentence: "`on` lets every command bring the database to the version of the program in production, as it does in \
               development. With `off` run `stakis-identity migrate`.",
};

/// The database of the setting, or the SQLite file in the data folder.
pub(super) fn database(reader: &mut Reader, data_dir: &Path) -> DatabaseUrl {
    DATABASE_URL.read(reader).unwrap_or_else(|| DatabaseUrl::Sqlite(data_dir.join("stakis.db")))
}

struct DatabaseForm;

impl Form for DatabaseForm {
    type Value = DatabaseUrl;

    fn allowed(&self) -> String {
        "sqlite:PATH or postgres://user:password@host/database".to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<DatabaseUrl, Objections> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let url = postgres_url(text).ok_or_else(|| {
                vec!["must be postgres://user:password@host/database, with special characters as %XX".to_owned()]
            })?;
            return Ok(DatabaseUrl::Postgres(url));
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

/// Parses the address and adds timeouts for a server that vanished without closing its connections. An address that
/// libpq could not read is refused here, since the message of libpq would repeat the password.
fn postgres_url(text: &str) -> Option<SecretString> {
    const TIMEOUTS: [(&str, &str); 5] = [
        ("connect_timeout", "3"),
        ("tcp_user_timeout", "10000"),
        ("keepalives_idle", "30"),
        ("keepalives_interval", "5"),
        ("keepalives_count", "3"),
    ];
    let is_encoded = text
        .split('%')
        .skip(1)
        .all(|rest| rest.get(..2).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())));
    let mut url = Url::parse(text).ok().filter(|_| is_encoded)?;
    for (name, value) in TIMEOUTS {
        if !url.query_pairs().any(|(given, _)| given == name) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    Some(SecretString::from(url.to_string()))
}
