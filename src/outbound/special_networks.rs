//! Addresses that no stranger may have this service call (SSRF, WH-07).

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use ipnet::{Ipv4Net, Ipv6Net};

/// IPv4 networks that are not public: those of the IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast, and
/// two of services that only machines inside a cloud reach.
const SPECIAL_V4: [([u8; 4], u8); 18] = [
    // "This network", and the unspecified address.
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    // Carrier-grade NAT (RFC 6598); a metadata service of one cloud is in it.
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // Link-local, with the metadata services of most clouds.
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    // IETF protocol assignments; a metadata service of one cloud is in it.
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    // Relays of 6to4 (RFC 7526).
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    // Benchmarks (RFC 2544).
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast, reserved addresses and broadcast.
    ([224, 0, 0, 0], 3),
    // The platform service of one cloud, on a public address.
    ([168, 63, 129, 16], 32),
];

/// The part of IPv6 that is given out (RFC 4291 §2.4). Loopback, unspecified, mapped IPv4, NAT64, discard, local and
/// multicast addresses lie outside of it.
const GLOBAL_V6: ([u16; 8], u8) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// Networks within it that are not public, by the IANA IPv6 Special-Purpose Address Registry.
const SPECIAL_V6: [([u16; 8], u8); 5] = [
    // IETF protocol assignments, Teredo (RFC 4380) and ORCHID among them.
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    // 6to4 (RFC 3056), which wraps any IPv4 address.
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// The last 96 bits of an address that a translator makes out of an IPv4 address by ISATAP (RFC 5214 §6.1).
const ISATAP: [u16; 2] = [0, 0x5efe];

static V4: LazyLock<Vec<Ipv4Net>> =
    LazyLock::new(|| SPECIAL_V4.into_iter().filter_map(|(ip, bits)| Ipv4Net::new(ip.into(), bits).ok()).collect());
static V6: LazyLock<Vec<Ipv6Net>> =
    LazyLock::new(|| SPECIAL_V6.into_iter().filter_map(|(ip, bits)| Ipv6Net::new(ip.into(), bits).ok()).collect());

/// Whether anybody on the internet may have this address, and nobody has it for a special purpose.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !V4.iter().any(|network| network.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let (start, bits) = GLOBAL_V6;
    let is_given_out = Ipv6Net::new(start.into(), bits).is_ok_and(|network| network.contains(&address));
    let [.., a, b, _, _] = address.segments();
    // The universal bit may be set in either form.
    let is_isatap = [a & !0x0200, b] == ISATAP;
    is_given_out && !is_isatap && !V6.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn wh_07_special_addresses_are_not_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.2.3",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2620:4f:8000::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2a00:1450::5efe:7f00:1",
            "2a00:1450::200:5efe:10.0.0.1",
        ] {
            assert!(!of(address), "{address}");
        }
    }

    #[test]
    fn wh_07_addresses_that_anybody_may_have_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "93.184.216.34",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "2a00:1450:4001::1",
        ] {
            assert!(of(address), "{address}");
        }
    }

    proptest! {
        /// The standard library knows part of the registry by itself.
        #[test]
        fn wh_07_what_the_library_calls_special_is_not_public(bits: u32) {
            let address = Ipv4Addr::from(bits);
            let is_special = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_multicast() || address.is_broadcast() || address.is_documentation()
                || address.is_unspecified();
            prop_assert!(!(is_special && is_public(address.into())));
            // No form that wraps the address is public either.
            let [a, b, c, d] = address.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            for wrapped in [
                address.to_ipv6_mapped(),
                address.to_ipv6_compatible(),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, !high, !low),
                Ipv6Addr::new(0x2a00, 0x1450, 0, 0, 0, 0x5efe, high, low),
            ] {
                prop_assert!(!is_public(wrapped.into()), "{wrapped}");
            }
        }

        #[test]
        fn wh_07_only_addresses_that_are_given_out_are_public(bits: u128) {
            let address = Ipv6Addr::from(bits);
            let is_special = address.is_loopback() || address.is_unspecified() || address.is_multicast()
                || address.is_unique_local() || address.is_unicast_link_local();
            prop_assert!(!(is_special && is_public(address.into())));
            prop_assert!(!is_public(address.into()) || address.segments()[0] & 0xe000 == 0x2000);
        }
    }
}
