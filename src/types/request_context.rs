//! From where, and as part of which request, something is asked.

use std::net::IpAddr;

/// What the audit trail keeps of a request's origin.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The `X-Request-Id` of the answer.
    pub request_id: String,
    /// The client's address; `None` on the command line.
    pub source: Option<IpAddr>,
    /// The `User-Agent`, control characters removed (LO-05), at most 200 characters.
    pub user_agent: Option<String>,
}

impl RequestContext {
    /// The address shortened to its network, /24 or /48: enough to recognise "not from here", too little
    /// to follow a person.
    #[must_use]
    pub fn shortened_source(&self) -> Option<String> {
        let prefix = match self.source? {
            IpAddr::V4(_) => 24,
            IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => 24,
            IpAddr::V6(_) => 48,
        };
        let network = ipnet::IpNet::new(self.source?.to_canonical(), prefix).ok()?;
        Some(network.trunc().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dp_02_sources_are_shortened_to_their_network() {
        let shortened = |text: &str| {
            let source = Some(text.parse().unwrap());
            RequestContext { request_id: String::new(), source, user_agent: None }.shortened_source().unwrap()
        };
        assert_eq!(shortened("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(shortened("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(shortened("2001:db8:1:2:3::4"), "2001:db8:1::/48");
    }
}
