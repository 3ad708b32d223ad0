//! Addresses of this machine itself.

use url::{Host, Url};

/// Whether a web address leads to this machine: `localhost`, `127.0.0.0/8` or `::1`.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(domain)) => domain == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        for (url, expected) in [
            ("http://localhost:8025", true),
            ("http://127.0.0.1", true),
            ("http://127.8.8.8/path", true),
            ("http://[::1]:8025", true),
            ("http://localhost.example.si", false),
            ("http://10.0.0.1", false),
            ("http://[::2]", false),
            ("https://api.resend.com", false),
        ] {
            assert_eq!(is_loopback(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
