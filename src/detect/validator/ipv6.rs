//! IPv6 address of a host: not loopback, link-local, or set aside for documentation.

use super::Validator;
use std::net::Ipv6Addr;

pub const VALIDATOR: Validator = Validator {
    name: "ipv6",
    source: "RFC 4291; RFC 3849",
    check,
    valid: &["2a00:1450:4001:81b::200e", "fd12:3456:789a:1::1"],
    invalid: &["::1", "fe80::1", "2001:db8::1", "::", "a:b::c", "97:A7:E2:EF:70:B3:AD:B9", "12:34:56", "ff02::1"],
};

fn check(value: &str) -> bool {
    value.parse::<Ipv6Addr>().is_ok_and(|ip| {
        let [first, second, ..] = ip.segments();
        let link_local = first & 0xffc0 == 0xfe80;
        let documentation = first == 0x2001 && second == 0xdb8;
        // Clock times, ratios and paths parse too; a host's address has more than a few small groups.
        let groups = ip.segments().iter().filter(|group| **group > 0).count();
        // Fingerprints are pairs of hex digits.
        let fingerprint = value.split(':').all(|group| group.len() == 2);
        (groups > 3 || groups == 3 && first > 0xfff)
            && !fingerprint
            && !link_local
            && !documentation
            && !ip.is_multicast()
    })
}
