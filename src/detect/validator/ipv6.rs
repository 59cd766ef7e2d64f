//! IPv6 address of a host: not loopback, link-local, or set aside for documentation.

use super::Validator;
use std::net::Ipv6Addr;

pub const VALIDATOR: Validator = Validator {
    name: "ipv6",
    source: "RFC 4291; RFC 3849",
    check,
    valid: &["2a00:1450:4001:81b::200e", "fd12:3456:789a:1::1"],
    invalid: &["::1", "fe80::1", "2001:db8::1", "::", "12:34:56", "ff02::1"],
};

fn check(value: &str) -> bool {
    value.parse::<Ipv6Addr>().is_ok_and(|ip| {
        let [first, second, ..] = ip.segments();
        let link_local = first & 0xffc0 == 0xfe80;
        let documentation = first == 0x2001 && second == 0xdb8;
        // Clock times and ratios parse too; a host's address has more than two groups that say something.
        let groups = ip.segments().iter().filter(|group| **group > 0).count();
        groups > 2 && !link_local && !documentation && !ip.is_multicast()
    })
}
