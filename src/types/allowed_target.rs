//! Addresses that development may deliver to, although production refuses them.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use ipnet::IpNet;

/// A network with the ports of it that are allowed, such as `127.0.0.0/8:*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedTarget {
    network: IpNet,
    /// `None` for every port.
    port: Option<u16>,
}

impl AllowedTarget {
    /// Parses a network or an address with a port, or `*` for every port. An IPv6 address stands in brackets where it has no
    /// length of a prefix, as in `[::1]:8443`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (network, port) = text.rsplit_once(':')?;
        let port = match port {
            "*" => None,
            digits => Some(digits.parse().ok().filter(|port| *port != 0)?),
        };
        let bare = network.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(network);
        let has_brackets = bare.len() != network.len();
        let network = match network.parse::<IpNet>() {
            Ok(network) => network,
            Err(_) => IpNet::from(bare.parse::<IpAddr>().ok().filter(|ip| ip.is_ipv4() != has_brackets)?),
        };
        Some(Self { network, port })
    }

    /// Whether any port of the address is among those that are allowed.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        self.network.contains(&address.to_canonical())
    }

    /// Whether the address and its port are among those that are allowed.
    #[must_use]
    pub fn contains(&self, target: SocketAddr) -> bool {
        self.has(target.ip()) && self.port.is_none_or(|port| port == target.port())
    }
}

impl fmt::Display for AllowedTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(formatter, "{}:{port}", self.network),
            None => write!(formatter, "{}:*", self.network),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wh_07_an_allowed_target_is_a_network_and_a_port() {
        for (text, inside, outside) in [
            ("127.0.0.0/8:*", "127.3.2.1:9", "128.0.0.1:9"),
            ("127.0.0.1:8443", "127.0.0.1:8443", "127.0.0.1:8444"),
            ("[::1]:8443", "[::1]:8443", "[::2]:8443"),
            ("fd00::/8:*", "[fd12::1]:1", "[fc00::1]:1"),
            ("10.0.0.0/8:443", "[::ffff:10.0.0.1]:443", "10.0.0.1:80"),
        ] {
            let allowed = AllowedTarget::parse(text).unwrap();
            assert!(allowed.contains(inside.parse().unwrap()), "{text}");
            assert!(!allowed.contains(outside.parse().unwrap()), "{text}");
        }
        for text in [
            "",
            ":",
            "127.0.0.1",
            "127.0.0.1:0",
            "127.0.0.1:65536",
            "127.0.0.1:",
            "localhost:*",
            "::1:80",
            "[10.0.0.1]:1",
        ] {
            assert_eq!(AllowedTarget::parse(text), None, "{text}");
        }
    }
}
