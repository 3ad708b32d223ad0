//! The client's address, also behind proxies (RL-07). A client can forge every header, so only what trusted proxies
//! added counts. The evaluation starts at this service and ends at the first hop that is not trusted.

use std::net::IpAddr;

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;

use super::forwarded::{plain_hops, read_pair, split_outside_quotes, standard_hops};
use crate::config::ProxyHeader;

/// The address of the client: the peer's or, where the peer is a trusted proxy, the one that the chain of trusted
/// proxies names in `header`. A proxy writes one header and passes others on as the client sent them, so no other one is
/// read.
#[must_use]
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet], header: ProxyHeader) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let lines = |name: HeaderName| headers.get_all(name).map(HeaderValue::as_bytes).collect::<Vec<_>>();
    match header {
        ProxyHeader::XForwardedFor => {
            walk(peer, lines(header::X_FORWARDED_FOR).into_iter().rev().flat_map(plain_hops), trusted)
        }
        ProxyHeader::Forwarded => {
            walk(peer, lines(header::FORWARDED).into_iter().rev().flat_map(standard_hops), trusted)
        }
    }
}

/// Whether the peer is one of the proxies whose headers count.
pub(in crate::http) fn is_proxy(peer: IpAddr, trusted: &[IpNet]) -> bool {
    is_trusted(peer.to_canonical(), trusted)
}

/// Whether a trusted proxy says that the client came to it by https. `X-Forwarded-Proto` belongs to `X-Forwarded-For`; a
/// proxy that writes `Forwarded` passes it on as the client sent it. Where a proxy has passed several values on, each of them
/// is https.
pub(in crate::http) fn came_by_https(headers: &HeaderMap, header: ProxyHeader) -> bool {
    let lines: Vec<&[u8]> = match header {
        ProxyHeader::XForwardedFor => headers.get_all("x-forwarded-proto").map(HeaderValue::as_bytes).collect(),
        ProxyHeader::Forwarded => headers.get_all(header::FORWARDED).map(HeaderValue::as_bytes).collect(),
    };
    let is_https = |line: &[u8]| match header {
        ProxyHeader::XForwardedFor => {
            line.split(|byte| *byte == b',').all(|word| word.trim_ascii().eq_ignore_ascii_case(b"https"))
        }
        ProxyHeader::Forwarded => split_outside_quotes(line, b',')
            .into_iter()
            .all(|element| read_pair(element, "proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https"))),
    };
    !lines.is_empty() && lines.into_iter().all(is_https)
}

/// Whether some proxy has written that it stands between the client and this service.
pub(in crate::http) fn names_a_proxy(headers: &HeaderMap) -> bool {
    [header::X_FORWARDED_FOR, header::FORWARDED, header::VIA].iter().any(|name| headers.contains_key(name))
        || ["x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-real-ip"]
            .iter()
            .any(|name| headers.contains_key(*name))
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// Follows the hops from the nearest to the farthest, up to the first one that is not trusted. An unreadable hop ends
/// the walk, because every hop behind it was named by an unknown party.
fn walk(peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>, trusted: &[IpNet]) -> IpAddr {
    let mut client = peer;
    for hop in hops {
        let Some(hop) = hop else { break };
        client = hop;
        if !is_trusted(hop, trusted) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn found(peer: &str, lines: &[(&'static str, &[u8])]) -> String {
        found_in(ProxyHeader::XForwardedFor, peer, lines)
    }

    fn found_in(header: ProxyHeader, peer: &str, lines: &[(&'static str, &[u8])]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "2001:db8:aa::/48".parse().unwrap()];
        client_address(peer.parse().unwrap(), &headers, &trusted, header).to_string()
    }

    fn plain(lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", line.as_bytes())).collect();
        found(PROXY, &lines)
    }

    fn standard(lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| ("forwarded", line.as_bytes())).collect();
        found_in(ProxyHeader::Forwarded, PROXY, &lines)
    }

    #[test]
    fn rl_07_a_peer_that_is_not_trusted_names_nobody() {
        let lines: &[(&'static str, &[u8])] =
            &[("x-forwarded-for", b"198.51.100.1"), ("forwarded", b"for=198.51.100.1")];
        for peer in ["203.0.113.7", "11.0.0.1", "::1", "2001:db8:ab::1"] {
            assert_eq!(found(peer, lines), peer);
        }
        assert_eq!(found(PROXY, lines), "198.51.100.1");
    }

    #[test]
    fn rl_07_no_other_header_is_read() {
        let lines: &[(&'static str, &[u8])] = &[
            ("x-real-ip", b"198.51.100.1"),
            ("cf-connecting-ip", b"198.51.100.2"),
            ("true-client-ip", b"198.51.100.3"),
            ("x-client-ip", b"198.51.100.4"),
        ];
        assert_eq!(found(PROXY, lines), PROXY);
    }

    #[test]
    fn rl_07_the_first_hop_from_the_right_that_is_not_trusted_is_the_client() {
        for (lines, client) in [
            (&["198.51.100.1"][..], "198.51.100.1"),
            (&["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
            (&["192.0.2.66,198.51.100.1\t, 10.0.0.3 ,10.0.0.2"], "198.51.100.1"),
            // Where every hop is trusted, the farthest one counts.
            (&["10.0.0.4, 10.0.0.3, 10.0.0.2"], "10.0.0.4"),
            // Several header lines form one list, in their order.
            (&["192.0.2.66", "198.51.100.1, 10.0.0.3", "10.0.0.2"], "198.51.100.1"),
            (&["192.0.2.66, 198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            (&["10.0.0.4", "10.0.0.3"], "10.0.0.4"),
        ] {
            assert_eq!(plain(lines), client, "{lines:?}");
        }
    }

    #[test]
    fn rl_07_ports_are_taken_off_and_mapped_addresses_are_the_ones_they_map() {
        for (line, client) in [
            ("198.51.100.1:4711", "198.51.100.1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            ("[::ffff:198.51.100.1]:4711", "198.51.100.1"),
            ("198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1"),
            ("198.51.100.1, [2001:db8:aa::5]:443", "198.51.100.1"),
        ] {
            assert_eq!(plain(&[line]), client, "{line}");
        }
        assert_eq!(found("::ffff:10.0.0.1", &[("x-forwarded-for", b"198.51.100.1")]), "198.51.100.1");
        assert_eq!(found("::ffff:203.0.113.7", &[("x-forwarded-for", b"198.51.100.1")]), "203.0.113.7");
    }

    #[test]
    fn rl_07_a_hop_that_cannot_be_read_ends_the_walk() {
        for hop in [
            "",
            " ",
            "unknown",
            "_hidden",
            "localhost",
            "fe80::1%eth0",
            "[fe80::1%3]:80",
            "[2001:db8::1",
            "2001:db8::1]",
            "[198.51.100.1]",
            "198.51.100.1:",
            "198.51.100.1:port",
            "198.51.100.1:123456",
            "198.51.100.01",
            "198.51.100",
            "3325256705",
            "0x7f000001",
            "198.51.100.1/32",
            "198.51.100.1 192.0.2.66",
            "\"198.51.100.1\"",
            "for=198.51.100.1",
            "[2001:db8::1]4711",
            "[2001:db8::1]:",
            "[]",
            ":80",
        ] {
            assert_eq!(plain(&[&format!("198.51.100.1, {hop}")]), PROXY, "{hop}");
            assert_eq!(plain(&[&format!("198.51.100.1, {hop}, 10.0.0.2")]), "10.0.0.2", "{hop}");
            assert_eq!(plain(&["198.51.100.1", hop]), PROXY, "{hop}");
            // Entries that the client put before the true hop change nothing.
            assert_eq!(plain(&[&format!("{hop}, 198.51.100.1, 10.0.0.2")]), "198.51.100.1", "{hop}");
        }
        assert_eq!(found(PROXY, &[("x-forwarded-for", b"198.51.100.1, \xff\xfe")]), PROXY);
        assert_eq!(found(PROXY, &[("x-forwarded-for", b"\xff\xfe, 198.51.100.1")]), "198.51.100.1");
    }

    #[test]
    fn rl_07_forwarded_is_read_as_its_rfc_says() {
        for (lines, client) in [
            (&["for=198.51.100.1"][..], "198.51.100.1"),
            (&["For=\"[2001:db8:cafe::17]:4711\""], "2001:db8:cafe::17"),
            (&["FOR=\"[2001:db8::1]\";proto=https;by=203.0.113.43"], "2001:db8::1"),
            (&["for=192.0.2.66, proto=http;for=198.51.100.1;by=203.0.113.60 , for=10.0.0.2"], "198.51.100.1"),
            (&["by=10.0.0.2; host=\"a,for=192.0.2.66;b\"; for=\"198.51.100.1:80\";"], "198.51.100.1"),
            (&["for=\"198.51.100.\\1\""], "198.51.100.1"),
            (&["for=192.0.2.66", "for=198.51.100.1,for=10.0.0.3", "for=10.0.0.2"], "198.51.100.1"),
            (&["for=10.0.0.4,for=10.0.0.3"], "10.0.0.4"),
        ] {
            assert_eq!(standard(lines), client, "{lines:?}");
        }
    }

    #[test]
    fn rl_07_an_element_of_forwarded_that_cannot_be_read_ends_the_walk() {
        for element in [
            "",
            ";",
            "for",
            "for=",
            "for=unknown",
            "for=_hidden",
            "for=\"_hidden:80\"",
            "for=\"[fe80::1%25eth0]\"",
            "proto=https",
            "by=192.0.2.66",
            "for=192.0.2.66;for=192.0.2.67",
            "for=192.0.2.66;\"",
            "for = 192.0.2.66",
            "for=[2001:db8::1]",
            "for=192.0.2.66:80",
            "for=\"192.0.2.66",
            "for=192.0.2.66\"",
            "for=\"192.0.2.66\\\"",
            "for=\"192.0.2.66\"x",
            "for=192.0.2.66;host=a b",
            "for=192.0.2.66;host=",
            "192.0.2.66",
        ] {
            assert_eq!(standard(&["for=198.51.100.1", element]), PROXY, "{element}");
            assert_eq!(standard(&[element, "for=198.51.100.1, for=10.0.0.2"]), "198.51.100.1", "{element}");
        }
        // A host that a proxy has passed on in quotes adds no hop, whichever entries the client put before it.
        for before in ["", "for=192.0.2.66, ", r#"for=", "#, r#"for="\, "#, r#"", "#] {
            for host in ["a,for=192.0.2.66", "a;for=192.0.2.66", r#"\",for=192.0.2.66"#, r#"a,for=192.0.2.66;x=\""#]
            {
                let client = standard(&[&format!("{before}for=198.51.100.1;host=\"{host}\"")]);
                assert!([PROXY, "198.51.100.1"].contains(&&*client), "{before}{host}: {client}");
            }
        }
    }

    #[test]
    fn rl_07_one_header_is_believed_and_the_other_ignored() {
        for client in [&b"for=192.0.2.66"[..], b"192.0.2.66", b"for=unknown", b"", b"\xff"] {
            let lines: [(&str, &[u8]); 2] = [("x-forwarded-for", b"198.51.100.1"), ("forwarded", client)];
            assert_eq!(found_in(ProxyHeader::XForwardedFor, PROXY, &lines), "198.51.100.1");
            let lines: [(&str, &[u8]); 2] = [("x-forwarded-for", client), ("forwarded", b"for=198.51.100.1")];
            assert_eq!(found_in(ProxyHeader::Forwarded, PROXY, &lines), "198.51.100.1");
        }
        // Without the header that is believed the proxy is the client.
        assert_eq!(found_in(ProxyHeader::Forwarded, PROXY, &[("x-forwarded-for", b"192.0.2.66")]), PROXY);
        assert_eq!(found_in(ProxyHeader::XForwardedFor, PROXY, &[("forwarded", b"for=192.0.2.66")]), PROXY);
    }

    #[test]
    fn ad_02_https_is_what_every_hop_says_in_the_trusted_header() {
        let https = |header, lines: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            came_by_https(&headers, header)
        };
        let plain = |values: &[&'static str]| {
            let lines: Vec<_> = values.iter().map(|value| ("x-forwarded-proto", *value)).collect();
            https(ProxyHeader::XForwardedFor, &lines)
        };
        assert!(plain(&["https"]) && plain(&["HTTPS , https"]) && plain(&["https", "https"]));
        for values in [&[][..], &[""], &["http"], &["https, http"], &["http, https"], &["https", "http"], &["wss"]]
        {
            assert!(!plain(values), "{values:?}");
        }
        let standard = |value| https(ProxyHeader::Forwarded, &[("forwarded", value)]);
        assert!(standard("for=192.0.2.60;proto=https") && standard("proto=\"HTTPS\";for=unknown"));
        for value in
            ["for=192.0.2.60", "proto=http", "proto=https, proto=http", "proto=https;proto=https", "proto=https;\""]
        {
            assert!(!standard(value), "{value}");
        }
        // The other header is not believed.
        assert!(!https(ProxyHeader::Forwarded, &[("x-forwarded-proto", "https")]));
        assert!(!https(ProxyHeader::XForwardedFor, &[("forwarded", "proto=https")]));
    }

    #[test]
    fn rl_07_long_headers_are_read_to_where_they_count() {
        let hops = "192.0.2.66, ".repeat(500);
        assert_eq!(plain(&[&format!("{hops}198.51.100.1")]), "198.51.100.1");
        assert_eq!(plain(&[&"10.0.0.2,".repeat(500), "10.0.0.3"]), "10.0.0.3");
        assert_eq!(plain(&vec!["10.0.0.2"; 500]), "10.0.0.2");
        assert_eq!(standard(&[&format!("{}for=198.51.100.1", "for=192.0.2.66, ".repeat(500))]), "198.51.100.1");
        for piece in ["a", ",", "\"", "\\", "\\\"", ";", "=", "for=", "for=\"", "[", ":", "1.", " "] {
            let garbage = piece.repeat(64 * 1024 / piece.len());
            assert_eq!(plain(&[&garbage]), PROXY, "{piece}");
            assert_eq!(standard(&[&garbage]), PROXY, "{piece}");
            assert_eq!(plain(&[&garbage, "198.51.100.1"]), "198.51.100.1", "{piece}");
            assert_eq!(standard(&[&garbage, "for=198.51.100.1"]), "198.51.100.1", "{piece}");
        }
    }
}
