//! The settings of the listeners, the trusted proxies and the public address.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use chrono::TimeDelta;
use ipnet::IpNet;
use url::Url;

use super::{
    address::{ListenAddress, Networks, WebAddress},
    cors::CORS_ORIGINS,
    environment::Environment,
    page_paths::CHANGE_PASSWORD_PATH,
    reset_link::{LONGEST_LINK, TOKEN_CHARACTERS},
    setting::{
        ByEnvironment, Form, Group, Nothing, Objections, OneOf, Reader, Secrecy, Setting, Span, Value, WriteForm,
        not_allowed, unless,
    },
};
use crate::types::text_enum;

pub(super) const GROUP: Group = Group {
    title: "Listeners and callers",
    introduction: String::new,
    settings: &[
        &LISTEN,
        &PUBLIC_URL,
        &OPS_LISTEN,
        &TRUSTED_PROXIES,
        &TRUSTED_PROXY_HEADER,
        &CORS_ORIGINS,
        &DRAIN_SECONDS,
    ],
};

text_enum! {
    /// The header in which trusted proxies name the client.
    pub enum ProxyHeader {
        /// A list of addresses.
        XForwardedFor = "X-Forwarded-For",
        /// The header of RFC 7239.
        Forwarded = "Forwarded",
    }
}

/// The address of the operations listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationsListen {
    /// The address to bind.
    pub address: SocketAddr,
    /// Whether the address is the default, because the setting is unset.
    pub is_default: bool,
}

pub(super) const LISTEN: Setting<ListenAddress, Value<SocketAddr>> = Setting {
    name: "STAKIS_LISTEN",
    secrecy: Secrecy::Open,
    form: ListenAddress,
    unset: Value(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080)),
    sentence: "Address and port of the public listener, which serves the API and the hosted pages.",
};

pub(super) const PUBLIC_URL: Setting<PublicUrl, Nothing> = Setting {
    name: "STAKIS_PUBLIC_URL",
    secrecy: Secrecy::Open,
    form: PublicUrl,
    unset: Nothing("required in production; in development the address of the public listener"),
    sentence: "Address under which people and partners reach the service. Links in mails begin with it, and it is the issuer \
               (`iss`) of access tokens.",
};

pub(super) const OPS_LISTEN: Setting<OperationsAddress, Value<Option<SocketAddr>>> = Setting {
    name: "STAKIS_OPS_LISTEN",
    secrecy: Secrecy::Open,
    form: OperationsAddress,
    unset: Value(Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9090))),
    sentence: "Address and port of the operations listener, which serves `GET /metrics` and, where it is on, the \
               support page, or `off`. Keep it unreachable from outside: `/metrics` asks for no password.",
};

pub(super) const DRAIN_SECONDS: Setting<Span, ByEnvironment<TimeDelta>> = Setting {
    name: "STAKIS_DRAIN_SECONDS",
    secrecy: Secrecy::Open,
    form: Span::seconds(0, 300),
    unset: ByEnvironment { development: TimeDelta::zero(), production: TimeDelta::seconds(5) },
    sentence: "Time between the signal to stop and the end of the listener. `/readyz` answers 503 meanwhile and all other \
               calls are served, so that load balancers notice before a call fails. It is longer than the interval of their \
               probes.",
};

pub(super) const TRUSTED_PROXIES: Setting<Networks, Nothing> = Setting {
    name: "STAKIS_TRUSTED_PROXIES",
    secrecy: Secrecy::Open,
    form: Networks,
    unset: Nothing("none"),
    sentence: "Proxies, and servers of front ends, that are believed when they name the client. Without it all customers \
               behind a proxy count as one source to the limits.",
};

pub(super) const TRUSTED_PROXY_HEADER: Setting<OneOf<ProxyHeader>, Value<ProxyHeader>> = Setting {
    name: "STAKIS_TRUSTED_PROXY_HEADER",
    secrecy: Secrecy::Open,
    form: OneOf::new(ProxyHeader::ALL, ProxyHeader::as_str),
    unset: Value(ProxyHeader::XForwardedFor),
    sentence: "Header in which the trusted proxies name the client. The other one is ignored, since a proxy may pass it on as \
               the client sent it.",
};

/// Reads the operations listener, and gives `None` where it is off.
pub(super) fn operations(reader: &mut Reader) -> Option<OperationsListen> {
    let address = OPS_LISTEN.read(reader)?;
    Some(OperationsListen { address, is_default: !OPS_LISTEN.is_given(reader) })
}

/// The networks of the proxies whose headers name the client (RL-07).
pub(super) fn trusted_proxies(reader: &mut Reader) -> Vec<IpNet> {
    TRUSTED_PROXIES.read(reader).unwrap_or_default()
}

/// Reads the public address. `None` means the address of the public listener, and occurs in development only.
pub(super) fn public_url(reader: &mut Reader) -> Option<Url> {
    let url = PUBLIC_URL.read(reader);
    if reader.environment().is_production() && !PUBLIC_URL.is_given(reader) {
        PUBLIC_URL.object(reader, ["must be set in production"]);
    }
    url
}

/// A scheme and a host. It is short enough for the links that begin with it.
pub(super) struct PublicUrl;

impl Form for PublicUrl {
    type Value = Url;

    fn allowed(&self) -> String {
        "scheme and host alone, such as https://identity.example.com".to_owned()
    }

    fn parse(&self, text: &str, environment: Environment) -> Result<Url, Objections> {
        let url = WebAddress.parse(text, environment)?;
        let mut objections = Objections::new();
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            objections.extend(not_allowed(self));
        }
        if url.as_str().len() + CHANGE_PASSWORD_PATH.len() + "#token=".len() + TOKEN_CHARACTERS > LONGEST_LINK {
            objections.push(format!("must make links of at most {LONGEST_LINK} characters"));
        }
        unless(objections, url)
    }
}

/// A listener's address, or `off`.
pub(super) struct OperationsAddress;

impl Form for OperationsAddress {
    type Value = Option<SocketAddr>;

    fn allowed(&self) -> String {
        format!("{}, or off", ListenAddress.allowed())
    }

    fn parse(&self, text: &str, environment: Environment) -> Result<Self::Value, Objections> {
        if text == "off" {
            return Ok(None);
        }
        ListenAddress.parse(text, environment).map(Some).map_err(|_| not_allowed(self))
    }
}

impl WriteForm for OperationsAddress {
    fn write(&self, value: &Self::Value) -> String {
        value.map_or_else(|| "off".to_owned(), |address| address.to_string())
    }
}
