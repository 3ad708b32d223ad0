//! The origin of an action: its actor, its source, its request and its trace.

use std::net::IpAddr;

use super::{Actor, TraceContext};

/// The origin of an action. The audit trail keeps all of it but the trace.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The actor who asks for the action.
    pub actor: Actor,
    /// The `X-Request-Id` of the answer to the request that the action follows from; `None` where no HTTP request stands
    /// behind it.
    pub request_id: Option<String>,
    /// The span of the request or of the job. `None` on the command line and in the upkeep.
    pub trace: Option<TraceContext>,
    /// The address of the client; `None` on the command line and in the background.
    pub source: Option<IpAddr>,
    /// The `User-Agent` without control characters (LO-05), at most 200 characters long.
    pub user_agent: Option<String>,
}

impl RequestContext {
    /// An action of this actor that comes with no HTTP request.
    #[must_use]
    pub const fn of(actor: Actor) -> Self {
        Self { actor, request_id: None, trace: None, source: None, user_agent: None }
    }

    /// The network of the address, /24 or /48: enough to tell that a sign-in came from elsewhere, and too little to
    /// follow a person.
    #[must_use]
    pub fn shortened_source(&self) -> Option<String> {
        self.source_cut_to(24, 48)
    }

    /// The address of a household or a server: the whole of IPv4, or the /64 of IPv6. No table holds it in clear.
    #[must_use]
    pub fn exact_source(&self) -> Option<String> {
        self.source_cut_to(32, 64)
    }

    fn source_cut_to(&self, length_in_ipv4: u8, length_in_ipv6: u8) -> Option<String> {
        let address = self.source?.to_canonical();
        let length = if address.is_ipv4() { length_in_ipv4 } else { length_in_ipv6 };
        let network = ipnet::IpNet::new(address, length).ok()?;
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
            RequestContext { source, ..RequestContext::of(Actor::Customer) }.shortened_source().unwrap()
        };
        assert_eq!(shortened("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(shortened("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(shortened("2001:db8:1:2:3::4"), "2001:db8:1::/48");
    }

    #[test]
    fn rl_08_an_exact_source_is_one_household_or_server() {
        let exact = |text: &str| {
            let source = Some(text.parse().unwrap());
            RequestContext { source, ..RequestContext::of(Actor::Customer) }.exact_source().unwrap()
        };
        assert_eq!(exact("192.0.2.77"), "192.0.2.77/32");
        assert_eq!(exact("::ffff:192.0.2.77"), "192.0.2.77/32");
        assert_eq!(exact("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
    }
}
