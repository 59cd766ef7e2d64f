//! IPv4 address that is routed on the Internet: not private, reserved, or set aside for examples.

use super::Validator;
use super::checksum::all_same;
use std::net::Ipv4Addr;

pub const VALIDATOR: Validator = Validator {
    name: "ipv4_public",
    source: "RFC 6890; RFC 5737",
    check,
    valid: &["8.8.4.4", "203.1.113.7"],
    invalid: &[
        "10.0.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "192.0.2.1",
        "256.1.1.1",
        "1.2.3",
        "0.0.0.0",
        "1.3.6.1",
        "2.5.4.3",
        "1.2.3.4",
    ],
};

fn check(value: &str) -> bool {
    value.parse::<Ipv4Addr>().is_ok_and(|ip| {
        let octets @ [first, second, third, _] = ip.octets();
        // Object identifiers are written alike: 1.3.6 (internet), 2.5.4 and 2.5.29 (X.500 attributes, extensions).
        let oid = matches!((first, second, third), (1, 3, 6) | (2, 5, 4 | 29));
        // Addresses that stand in for any address.
        let stand_in = octets == [1, 2, 3, 4] || all_same(&octets);
        let carrier = first == 100 && (64..128).contains(&second);
        let inside = carrier || ip.is_private() || ip.is_loopback() || ip.is_link_local();
        (1..224).contains(&first) && !inside && !oid && !stand_in && !ip.is_documentation()
    })
}
