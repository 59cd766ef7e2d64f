//! IPv4 address that is routed on the Internet: not private, reserved, or set aside for examples.

use super::Validator;
use std::net::Ipv4Addr;

pub const VALIDATOR: Validator = Validator {
    name: "ipv4_public",
    source: "RFC 6890; RFC 5737",
    check,
    valid: &["8.8.4.4", "203.1.113.7"],
    invalid: &["10.0.0.1", "192.168.1.1", "127.0.0.1", "192.0.2.1", "256.1.1.1", "1.2.3", "0.0.0.0"],
};

fn check(value: &str) -> bool {
    value.parse::<Ipv4Addr>().is_ok_and(|ip| {
        let [first, second, ..] = ip.octets();
        let carrier = first == 100 && (64..128).contains(&second);
        let inside = carrier || ip.is_private() || ip.is_loopback() || ip.is_link_local();
        (1..224).contains(&first) && !inside && !ip.is_documentation()
    })
}
