//! Forms of settings that hold a web address, a listen address or networks.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use url::Url;

use super::{
    environment::Environment,
    setting::{Form, Objections, WriteForm, not_allowed},
};

/// An absolute web address without credentials, which has to be https in production.
pub(super) struct WebAddress;

impl Form for WebAddress {
    type Value = Url;

    fn allowed(&self) -> String {
        "an absolute https:// address without a user name (in development also http://)".to_owned()
    }

    fn parse(&self, text: &str, environment: Environment) -> Result<Url, Objections> {
        let url = Url::parse(text).ok().filter(|url| {
            let secure = url.scheme() == "https" || (url.scheme() == "http" && !environment.is_production());
            secure && url.host().is_some() && url.username().is_empty() && url.password().is_none()
        });
        url.ok_or_else(|| not_allowed(self))
    }
}

/// An address of this machine with a port to listen on.
pub(super) struct ListenAddress;

impl Form for ListenAddress {
    type Value = SocketAddr;

    fn allowed(&self) -> String {
        "an IP address and a port, such as 127.0.0.1:8080".to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<SocketAddr, Objections> {
        text.parse().map_err(|_| not_allowed(self))
    }
}

impl WriteForm for ListenAddress {
    fn write(&self, value: &SocketAddr) -> String {
        value.to_string()
    }
}

/// Networks and single addresses, separated by commas.
pub(super) struct Networks;

impl Form for Networks {
    type Value = Vec<IpNet>;

    fn allowed(&self) -> String {
        "addresses or networks such as 10.0.0.0/8, separated by commas, and not a network of all addresses"
            .to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<Vec<IpNet>, Objections> {
        let networks = text.split(',').map(str::trim).filter(|network| !network.is_empty());
        // A network of all addresses would let every client choose the address that it appears to have.
        let parsed = networks.map(|text| network(text).filter(|network| network.prefix_len() > 0));
        parsed.collect::<Option<_>>().ok_or_else(|| not_allowed(self))
    }
}

/// A network, or a single address. IPv4 mapped into IPv6 becomes IPv4, as the addresses of clients do.
fn network(text: &str) -> Option<IpNet> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(96)) {
        (address @ IpAddr::V4(_), Some(prefix)) if network.max_prefix_len() == 128 => {
            IpNet::new(address, prefix).ok()
        }
        _ => Some(network),
    }
}
