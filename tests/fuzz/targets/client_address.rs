//! The address of the client (RL-07). The headers of a peer that is no trusted proxy change nothing. Behind a trusted
//! proxy the hop that it has added decides, whatever the client has sent.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use stakis_identity::{config::ProxyHeader, http::client_address};

pub(crate) type Finder = fn(IpAddr, &HeaderMap, &[IpNet], ProxyHeader) -> IpAddr;

/// The peer of an input that names none.
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

pub(crate) fn target(bytes: &[u8]) {
    check(client_address, bytes);
}

/// Checks whom a call comes from by a finder, with each header that the settings can name.
pub(crate) fn check(find: Finder, bytes: &[u8]) {
    let call = Call::read(bytes);
    let trusted = ["10.0.0.0/8", "2001:db8:aa::/48"].map(|network| network.parse().unwrap());
    for header in ProxyHeader::ALL {
        let believed = match header {
            ProxyHeader::XForwardedFor => header::X_FORWARDED_FOR,
            ProxyHeader::Forwarded => header::FORWARDED,
        };
        Check { find, trusted: &trusted, header: *header, believed, call: &call }.run();
    }
}

/// A call: the address of its peer in the first line, and a header in each line behind it.
struct Call {
    peer: IpAddr,
    lines: Vec<(HeaderName, HeaderValue)>,
}

impl Call {
    fn read(bytes: &[u8]) -> Self {
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let peer = lines.next().and_then(|line| str::from_utf8(line).ok()?.parse().ok()).unwrap_or(PROXY);
        let lines = lines.filter_map(|line| {
            let (name, value) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
            let name = HeaderName::from_bytes(name).ok()?;
            Some((name, HeaderValue::from_bytes(value[1..].trim_ascii()).ok()?))
        });
        Self { peer, lines: lines.collect() }
    }
}

struct Check<'a> {
    find: Finder,
    trusted: &'a [IpNet],
    header: ProxyHeader,
    /// The name of the header.
    believed: HeaderName,
    call: &'a Call,
}

impl Check<'_> {
    fn found(&self, lines: &[(HeaderName, HeaderValue)]) -> IpAddr {
        self.found_from(self.call.peer, lines)
    }

    fn found_from(&self, peer: IpAddr, lines: &[(HeaderName, HeaderValue)]) -> IpAddr {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name.clone(), value.clone());
        }
        (self.find)(peer, &headers, self.trusted, self.header)
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    fn line(&self, value: &[u8]) -> (HeaderName, HeaderValue) {
        (self.believed.clone(), HeaderValue::from_bytes(value).unwrap())
    }

    fn run(&self) {
        let Call { peer, lines } = self.call;
        let peer = peer.to_canonical();
        let found = self.found(lines);
        assert_eq!(found, found.to_canonical(), "an address has one form");
        assert_eq!(self.found(lines), found, "a call has one source");
        assert_eq!(self.found_from(found, &[]), found, "the address found is its own");
        let own: Vec<_> = lines.iter().filter(|(name, _)| *name == self.believed).cloned().collect();
        assert_eq!(self.found(&own), found, "another header counts");
        if !self.is_trusted(peer) {
            assert_eq!(found, peer, "the header of a stranger counts");
            return;
        }
        assert!(found == peer || addresses_in(&own).contains(&found), "{found} stands in no header");
        if !self.is_trusted(found) {
            assert_eq!(self.found_from(found, lines), found, "the header of the client itself counts");
            let before = match self.header {
                ProxyHeader::XForwardedFor => self.line(b"192.0.2.66"),
                ProxyHeader::Forwarded => self.line(b"for=192.0.2.66"),
            };
            assert_eq!(self.found(&[&[before], own.as_slice()].concat()), found, "a line before the others counts");
        }
        for (hop, client) in self.hops() {
            self.check_hop(&own, &hop, client, peer);
        }
    }

    /// Checks that a hop which the proxy adds, on a line of its own or at the end of the last one, names the client.
    fn check_hop(&self, own: &[(HeaderName, HeaderValue)], hop: &str, client: IpAddr, peer: IpAddr) {
        let alone = [own, &[self.line(hop.as_bytes())]].concat();
        assert_eq!(self.found(&alone), client, "{hop} on a line of its own");
        let Some(((_, last), before)) = own.split_last() else { return };
        let joined = [before, &[self.line(&[last.as_bytes(), b", ", hop.as_bytes()].concat())]].concat();
        let found = self.found(&joined);
        // A quotation mark that the client has left open makes the hop unreadable.
        let is_unreadable = self.header == ProxyHeader::Forwarded && found == peer;
        assert!(found == client || is_unreadable, "{found} instead of {hop} at the end of {last:?}");
    }

    /// What a proxy adds, and the client that it names by that.
    fn hops(&self) -> Vec<(String, IpAddr)> {
        let [client, other] = ["198.51.100.7", "2001:db8::7"].map(|text| text.parse().unwrap());
        match self.header {
            ProxyHeader::XForwardedFor => vec![
                ("198.51.100.7".to_owned(), client),
                ("2001:db8::7".to_owned(), other),
                ("[2001:db8::7]:4711".to_owned(), other),
            ],
            ProxyHeader::Forwarded => vec![
                ("for=198.51.100.7".to_owned(), client),
                ("for=\"[2001:db8::7]:4711\"".to_owned(), other),
                (format!("for=198.51.100.7;proto=https;host=\"{}\"", self.host()), client),
            ],
        }
    }

    /// The host that the client has named, as far as a proxy passes it on in quotation marks.
    fn host(&self) -> &str {
        let mut hosts = self.call.lines.iter().filter(|(name, _)| *name == header::HOST);
        let host = hosts.find_map(|(_, value)| value.to_str().ok());
        host.filter(|host| !host.contains(['"', '\\'])).unwrap_or("example.test")
    }
}

/// Every address that stands somewhere in these lines.
fn addresses_in(lines: &[(HeaderName, HeaderValue)]) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for (_, value) in lines {
        let text = String::from_utf8_lossy(value.as_bytes()).replace('\\', "");
        let is_part = |letter: char| letter.is_ascii_hexdigit() || letter == ':' || letter == '.';
        for word in text.split(|letter| !is_part(letter)) {
            let without_port = word.split_once(':').map_or(word, |(address, _)| address);
            let addresses = [word, without_port].into_iter().filter_map(|word| word.parse::<IpAddr>().ok());
            found.extend(addresses.map(|address| address.to_canonical()));
        }
    }
    found
}
