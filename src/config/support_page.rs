//! The support page of the operations listener, and the names under which it is reached.

use super::{
    environment::Environment,
    listeners::OPS_LISTEN,
    setting::{Form, Nothing, Objections, Reader, Secrecy, Setting, Switch, Value, not_allowed},
};

pub(super) const SUPPORT_PAGE: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_SUPPORT_PAGE",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(false),
    sentence: "Whether the operations listener serves the support page under `/support`, with the calls that it needs. People \
               sign in with clients of their own (`client create --person`). It is reached on the machine itself, as through \
               an SSH tunnel, or by https through one of `STAKIS_TRUSTED_PROXIES`.",
};

pub(super) const SUPPORT_HOSTS: Setting<HostNames, Nothing> = Setting {
    name: "STAKIS_SUPPORT_HOSTS",
    secrecy: Secrecy::Open,
    form: HostNames,
    unset: Nothing("none: `localhost`, `127.0.0.1` and `[::1]` alone"),
    sentence: "Names under which the support page is reached besides `localhost`, `127.0.0.1` and `[::1]`. A call under another \
               name gets 404: its page may be a stranger's whose name was made to lead here (DNS rebinding).",
};

/// How the support page is served.
#[derive(Debug, Clone, Default)]
pub struct SupportPageConfig {
    /// The names under which it is reached besides those of the machine itself.
    pub hosts: Vec<String>,
}

/// Reads how the support page is served, and gives `None` where it is off.
pub(super) fn support_page(reader: &mut Reader) -> Option<SupportPageConfig> {
    let is_on = SUPPORT_PAGE.read(reader);
    let hosts = SUPPORT_HOSTS.read(reader).unwrap_or_default();
    if is_on && OPS_LISTEN.read(reader).is_none() && OPS_LISTEN.is_given(reader) {
        SUPPORT_PAGE.object(reader, ["needs the operations listener, which STAKIS_OPS_LISTEN switches off"]);
    }
    is_on.then_some(SupportPageConfig { hosts })
}

/// The names of hosts, separated by commas.
pub(super) struct HostNames;

impl Form for HostNames {
    type Value = Vec<String>;

    fn allowed(&self) -> String {
        "names such as support.example.com, separated by commas: in small letters, without a scheme, a port or a \
         wildcard"
            .to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<Vec<String>, Objections> {
        let names: Vec<&str> = text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        if names.iter().all(|name| is_host_name(name)) {
            Ok(names.into_iter().map(str::to_owned).collect())
        } else {
            Err(not_allowed(self))
        }
    }
}

fn is_host_name(text: &str) -> bool {
    let is_part = |part: &str| {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&part.len())
            && part.bytes().all(is_plain)
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::is_host_name;

    #[test]
    fn names_have_no_scheme_no_port_and_no_wildcard() {
        for name in ["support.example.com", "desk", "10.0.0.5", "xn--m-ika.si"] {
            assert!(is_host_name(name), "{name}");
        }
        for text in [
            "",
            "*",
            "*.example.com",
            "https://example.com",
            "example.com:443",
            "Example.com",
            "a..b",
            "-a",
            "b.",
            "[::1]",
        ] {
            assert!(!is_host_name(text), "{text}");
        }
    }
}
