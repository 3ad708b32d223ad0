//! The addresses of PostgreSQL databases: what libpq reads in a connection URI (PostgreSQL documentation, 34.1.1.2), and
//! what the service adds.

use std::{net::IpAddr, path::Path};

use secrecy::SecretString;

/// What an address has to look like. It never repeats the address, which may hold a password.
pub(super) const ALLOWED: &str = "postgres://user:password@host/database, with special characters as %XX";

/// The parameters that the service adds where the address does not have them: timeouts for a server that vanished
/// without closing its connections, a name for the server's lists, and the choice of a server that can write.
const DEFAULTS: [(&str, &str); 7] = [
    ("connect_timeout", "3"),
    ("tcp_user_timeout", "10000"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("application_name", "stakis-identity"),
    ("target_session_attrs", "read-write"),
];

/// The values of `sslmode` with which a connection is always encrypted.
const ENCRYPTING: [&str; 3] = ["require", "verify-ca", "verify-full"];

/// A connection URI in its parts, each as it was written.
pub(super) struct PostgresUri<'a> {
    before_parameters: &'a str,
    hosts: Vec<&'a str>,
    database: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> PostgresUri<'a> {
    /// Splits an address; `None` where libpq could not read it, or would take a part of the password for another part:
    /// its message would repeat it.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (before_parameters, parameters) = text.split_once('?').unwrap_or((text, ""));
        let (_, rest) = before_parameters.split_once("://")?;
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user_info, hosts) = authority.split_once('@').map_or(("", authority), |(user, hosts)| (user, hosts));
        let hosts: Vec<&str> = hosts.split(',').collect();
        let parameters = parameters.split('&').filter(|parameter| !parameter.is_empty());
        let parameters = parameters.map(|parameter| parameter.split_once('=')).collect::<Option<Vec<_>>>()?;
        let is_readable = is_plain(user_info, ":")
            && is_plain(database, "")
            && hosts.iter().all(|host| is_host(host))
            && parameters.iter().all(|(name, value)| is_name(name) && is_plain(value, ":/@,"));
        is_readable.then_some(Self { before_parameters, hosts, database, parameters })
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| *value)
    }

    /// The hosts and the name of the database.
    pub(super) fn place(&self) -> String {
        let hosts = self.parameter("host").map_or_else(|| self.hosts.join(","), str::to_owned);
        format!("{hosts}/{}", self.database)
    }

    /// Whether a connection could go to another host without being encrypted.
    pub(super) fn may_be_read_on_the_way(&self) -> bool {
        let is_encrypted = self.parameter("sslmode").is_some_and(|mode| ENCRYPTING.contains(&mode))
            || self.parameter("sslrootcert") == Some("system");
        let named = self.parameter("hostaddr").or_else(|| self.parameter("host"));
        let hosts: Vec<&str> = named.map_or_else(|| self.hosts.clone(), |hosts| hosts.split(',').collect());
        !is_encrypted && hosts.into_iter().any(|host| !is_here(host))
    }

    /// Whether the server's certificate is to be checked with the certificates of the system.
    pub(super) fn trusts_the_system(&self) -> bool {
        match self.parameter("sslrootcert") {
            Some(file) => file == "system",
            None => matches!(self.parameter("sslmode"), Some("verify-ca" | "verify-full")),
        }
    }

    /// The address for libpq. `certificates` is the file of the certificates that the server's is checked with; libpq
    /// itself looks for those of the system in a folder that this build does not have.
    pub(super) fn for_libpq(&self, certificates: Option<&Path>) -> SecretString {
        let mut parameters: Vec<(&str, String)> =
            self.parameters.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        if let Some(file) = certificates {
            parameters.retain(|(name, _)| *name != "sslrootcert");
            parameters.push(("sslrootcert", encoded(&file.to_string_lossy())));
            if self.parameter("sslrootcert") == Some("system") && self.parameter("sslmode").is_none() {
                // As libpq does for the certificates of the system.
                parameters.push(("sslmode", "verify-full".to_owned()));
            }
        }
        for (name, value) in DEFAULTS {
            if !parameters.iter().any(|(given, _)| *given == name) {
                parameters.push((name, value.to_owned()));
            }
        }
        let parameters: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        SecretString::from(format!("{}?{}", self.before_parameters, parameters.join("&")))
    }
}

/// Whether a host of the address is this machine: no host, a folder of sockets, or a loopback address.
fn is_here(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_folder = name.starts_with('/') || name.to_ascii_lowercase().starts_with("%2f");
    let is_loopback = name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    name.is_empty() || is_folder || is_loopback
}

/// A host with or without a port, where both may be left out.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if address.parse::<std::net::Ipv6Addr>().is_ok() => ("", port),
            _ => return false,
        },
        None => match text.split_once(':') {
            Some((host, _)) => (host, text.get(host.len()..).unwrap_or_default()),
            None => (text, ""),
        },
    };
    let is_port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    is_plain(host, "") && is_port
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Whether the text has no character that separates parts but those of `besides`, and every `%` begins `%XX`.
fn is_plain(text: &str, besides: &str) -> bool {
    let is_encoded = text
        .split('%')
        .skip(1)
        .all(|rest| rest.get(..2).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())));
    let separates = |character: char| ":/?#[]@&=,".contains(character) && !besides.contains(character);
    is_encoded
        && !text
            .chars()
            .any(|character| separates(character) || character.is_whitespace() || character.is_control())
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn op_08_every_form_that_libpq_reads_is_read() {
        for text in [
            "postgres://",
            "postgresql://localhost",
            "postgres://stakis@/stakis?host=/var/run/postgresql",
            "postgres://stakis:ge%40heim@db.example:5432/stakis",
            "postgres://stakis@one.example:5432,two.example,[2001:db8::1]:5433/stakis?target_session_attrs=any",
            "postgres://%2Fvar%2Frun%2Fpostgresql/stakis",
            "postgres:///stakis?host=one.example,two.example&port=5432,5433",
            "postgres://stakis@db.example/stakis?options=-c%20geqo%3Doff",
        ] {
            assert!(PostgresUri::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn cf_02_an_address_whose_password_would_be_read_as_a_host_is_refused() {
        for text in [
            "postgres://stakis:ge@heim@db.example/stakis",
            "postgres://stakis:ge/heim@db.example/stakis",
            "postgres://stakis:12/heim@db.example/stakis",
            "postgres://stakis:ge%heim@db.example/stakis",
            "postgres://stakis:ge?heim@db.example/stakis",
            "postgres://stakis:ge heim@db.example/stakis",
            "postgres://stakis:ge#heim@db.example/stakis",
        ] {
            assert!(PostgresUri::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn cf_06_connections_that_could_be_read_on_the_way_are_known() {
        let open = |text: &str| PostgresUri::parse(text).unwrap().may_be_read_on_the_way();
        for text in [
            "postgres://db.example/stakis",
            "postgres://db.example/stakis?sslmode=prefer",
            "postgres://127.0.0.1,db.example/stakis",
            "postgres:///stakis?host=db.example",
            "postgres://localhost/stakis?hostaddr=192.0.2.7",
        ] {
            assert!(open(text), "{text}");
        }
        for text in [
            "postgres://db.example/stakis?sslmode=require",
            "postgres://db.example/stakis?sslmode=verify-full",
            "postgres://db.example/stakis?sslrootcert=system",
            "postgres://127.0.0.1/stakis",
            "postgres://[::1]:5432/stakis",
            "postgres:///stakis?host=/var/run/postgresql",
            "postgres:///stakis",
        ] {
            assert!(!open(text), "{text}");
        }
    }

    #[test]
    fn cf_06_the_address_for_libpq_names_the_file_of_the_certificates() {
        let of = |text: &str, file: Option<&str>| {
            let uri = PostgresUri::parse(text).unwrap();
            uri.for_libpq(file.map(Path::new)).expose_secret().to_owned()
        };
        let plain = of("postgres://u@h/d?connect_timeout=9", None);
        assert!(plain.starts_with("postgres://u@h/d?connect_timeout=9&tcp_user_timeout=10000&"), "{plain}");
        assert!(plain.ends_with("&target_session_attrs=read-write"), "{plain}");
        let system = of("postgres://u@h/d?sslrootcert=system", Some("/etc/ssl/certs/ca certificates.crt"));
        assert!(
            system.starts_with(
                "postgres://u@h/d?sslrootcert=/etc/ssl/certs/ca%20certificates.crt&sslmode=verify-full&"
            ),
            "{system}"
        );
        assert!(
            !PostgresUri::parse("postgres://h/d?sslmode=verify-full&sslrootcert=/ca.crt")
                .unwrap()
                .trusts_the_system()
        );
        assert!(PostgresUri::parse("postgres://h/d?sslmode=verify-full").unwrap().trusts_the_system());
    }
}
