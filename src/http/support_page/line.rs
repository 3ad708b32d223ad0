//! The line on which a call has come, as far as nobody on the way can read or change it.

use std::net::IpAddr;

use actix_web::http::header::HeaderMap;

use crate::{
    config::Config,
    http::door::client_address::{came_by_https, client_address, is_proxy, names_a_proxy},
};

/// A line that nobody else can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The call comes from this machine itself, as it does through an SSH tunnel.
    Loopback,
    /// The call has come by https to a trusted proxy.
    Https,
}

impl Line {
    /// The line of a call; `None` where somebody on the way can read it.
    pub(super) fn find(peer: IpAddr, headers: &HeaderMap, config: &Config) -> Option<Self> {
        let (proxies, header) = (&config.trusted_proxies, config.trusted_proxy_header);
        let is_proxy = is_proxy(peer, proxies);
        if is_proxy && came_by_https(headers, header) {
            return Some(Self::Https);
        }
        // A proxy on this machine that the settings do not name makes strangers look like this machine itself.
        let is_honest = is_proxy || !names_a_proxy(headers);
        let is_loopback =
            peer.to_canonical().is_loopback() && client_address(peer, headers, proxies, header).is_loopback();
        (is_loopback && is_honest).then_some(Self::Loopback)
    }

    /// The scheme that the browser has called by.
    pub(super) const fn scheme(self) -> &'static str {
        match self {
            Self::Loopback => "http",
            Self::Https => "https",
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;
    use crate::config;

    fn line(proxies: &str, peer: &str, lines: &[(&'static str, &'static str)]) -> Option<Line> {
        let variables = [
            ("STAKIS_SECRET_KEY", "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="),
            ("STAKIS_TRUSTED_PROXIES", proxies),
        ];
        let config = config::read(variables.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Line::find(peer.parse().unwrap(), &headers, &config)
    }

    #[test]
    fn ad_02_a_call_comes_from_this_machine_or_by_https() {
        let https = ("x-forwarded-proto", "https");
        let client = ("x-forwarded-for", "203.0.113.7");
        for (proxies, peer, lines, found) in [
            ("", "127.0.0.1", &[][..], Some(Line::Loopback)),
            ("", "::1", &[], Some(Line::Loopback)),
            ("", "::ffff:127.0.0.1", &[], Some(Line::Loopback)),
            ("", "10.0.0.5", &[], None),
            // Nobody believes a stranger's headers.
            ("", "10.0.0.5", &[https], None),
            ("10.0.0.6", "10.0.0.5", &[https, client], None),
            ("10.0.0.5", "10.0.0.5", &[https, client], Some(Line::Https)),
            ("10.0.0.5", "10.0.0.5", &[client], None),
            ("10.0.0.5", "10.0.0.5", &[("x-forwarded-proto", "http"), client], None),
            // The client may have written this itself.
            ("10.0.0.5", "10.0.0.5", &[("x-forwarded-for", "127.0.0.1")], None),
            ("", "127.0.0.1", &[("x-real-ip", "203.0.113.7")], None),
            // A proxy on this machine: one that is named is believed, one that is not hides its clients.
            ("127.0.0.1", "127.0.0.1", &[client], None),
            ("127.0.0.1", "127.0.0.1", &[https, client], Some(Line::Https)),
            ("127.0.0.1", "127.0.0.1", &[], Some(Line::Loopback)),
            ("", "127.0.0.1", &[client], None),
            ("", "127.0.0.1", &[https], None),
            ("", "127.0.0.1", &[("via", "1.1 proxy")], None),
        ] {
            assert_eq!(line(proxies, peer, lines), found, "{proxies} {peer} {lines:?}");
        }
    }
}
